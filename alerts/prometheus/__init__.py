"""What Prometheus judges: the tables that its rules are made from."""
