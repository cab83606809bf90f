"""What templates of the requests floor may call."""
