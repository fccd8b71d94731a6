"""What keeping buildings costs: condition, running cost, risk, renewal need, present value.

Pure array functions over ``F`` facilities and ``Y`` fiscal years. Nothing here knows of schedules or
solvers. Amounts are real and in whole currency units.
"""
