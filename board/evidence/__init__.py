"""What is said of a number when somebody asks: the records behind it, read from Redis and added up again."""
