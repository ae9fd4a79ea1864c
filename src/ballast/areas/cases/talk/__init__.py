"""What is said in a case: lines, files, mentions, prepared replies, notices."""
