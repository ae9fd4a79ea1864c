"""What desks answer a warning: acknowledged or silenced until a day; and whom a silence keeps from being told."""
