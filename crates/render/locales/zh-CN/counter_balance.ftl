### 收银台：顾客号码的余额查询。

balance-title = 顾客余额
balance-home = 凭验证码，为面前的顾客查询
balance-lead = 只有号码持有人可以查看余额。验证码会发到该手机，由顾客读给您。
balance-number = 顾客的号码
balance-send = 发送验证码
balance-sent = 验证码已发送至
balance-code = 顾客读出的验证码
balance-code-hint = 短信中的六位数字，五分钟内有效。
balance-show = 显示余额
balance-leaves = { $seconds } 秒后自动隐藏。再次查看需要新的验证码。
balance-hide = 立即隐藏
sms-counter-code = 【{ $brand }】{ $digits } 是您在门店查询本号码余额的验证码，{ $minutes } 分钟内有效。请只告诉您面前的店员。
