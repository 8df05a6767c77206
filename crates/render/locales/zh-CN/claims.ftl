### 把收据加入账户。

claim-title = 添加收据
claim-lead = 在门店购买，或没有登录就购买了？填写收据上的订单号，订单即可加入您的账户。
claim-hint = 收据上的十位字母和数字，例如 7K2M9-QX4TB。
claim-add = 加入我的账户
claim-done = 订单已加入您的账户：
claim-unproved = 这张收据的号码不在您的账户中。请先用发到该号码的验证码证明是您的号码，再添加收据。
claim-prove = 验证号码
problem-claim_unknown = 没有这个订单号的收据，请核对每一位。
problem-claim_elsewhere = 这张收据已在另一个账户中，不会转移。如不清楚是谁的账户，请联系客服。
office-did-receipt_claimed = 收据加入账户
