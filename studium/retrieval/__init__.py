"""From a question to the passages its asker may see; the statement itself is the database's `content.search`."""
