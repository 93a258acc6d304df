"""What an operator does with an installation: start it, fill it, ask it, mend it. `studium.cli` is the door."""
