"""What proves the product by running it: rehearsals, campaigns, benchmarks, a simulated PLC."""
