"""What acts earn, told to who did them."""
