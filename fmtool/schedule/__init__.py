"""The schedule: which life plan each facility takes, within money, service and limits."""
