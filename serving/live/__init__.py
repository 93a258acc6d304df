"""What happens, told to browsers and programs while it happens."""
