"""What people outside see of their requests."""
