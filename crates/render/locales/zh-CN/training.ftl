### 收银台的练习模式：演示的结果，并说明其无效。

training-done-title = 练习：这笔会受理成功
training-done = 没有售出，也没有收款。若是真实销售，话费此时已到账，并会打印小票。
training-worthless = 练习单 · 无效
