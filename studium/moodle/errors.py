"""What can be wrong with a file of Moodle's, by name; the message is the sentence a person reads."""


class BackupError(ValueError):
    """A file cannot be taken as a course backup. Nothing of it has been kept."""


class NotABackupError(BackupError):
    """The file is something else."""


class UnsupportedBackupError(BackupError):
    """It is a Moodle backup, of a kind that holds no course to read."""


class DamagedBackupError(BackupError):
    """A part is missing, cut off, or says something it cannot say."""


class UnsafeBackupError(BackupError):
    """The file is made to harm: paths that leave it, links, entities, or more data than it can honestly hold."""


class ForeignBackupError(BackupError):
    """It says more than the one who handed it in may say."""


class HeldError(Exception):
    """So much of a course is gone that a person must say whether that is right. Nothing has changed."""

    def __init__(self, message: str, gone: dict[str, list[str]]) -> None:
        super().__init__(message)
        self.gone = gone
