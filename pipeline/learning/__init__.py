"""What people's verdicts teach the learned heads: labels, the comparison of two models, and which one is in use."""
