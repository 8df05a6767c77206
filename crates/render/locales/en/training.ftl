### Training at the counter: what is pretended, and that it is worth nothing.

training-done-title = TRAINING: would be accepted
training-done = Nothing was sold and nothing was taken. In a real sale the credit would be on the number now, and a slip would be printed.
training-worthless = TRAINING – WORTHLESS
