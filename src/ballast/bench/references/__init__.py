"""What stands beside our routines in the benchmarks: the same answers, written plainly as peers do it."""
