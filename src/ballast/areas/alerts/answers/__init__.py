"""What desks answer a lamp: that they have it in hand, or that nobody is to be told of it for some days."""
