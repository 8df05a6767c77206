### 系统状态页。

status-title = 系统状态
status-checked = 检查时间：{ $time }
status-fine = 没有发现异常。
status-trouble = 部分服务出现异常。
status-again = 重新检查

status-portal = 官网下单
status-payment = 支付页面
status-network = 运营商网络
status-work = 到账与退款处理
status-sms = 短信通知
status-email = 电子邮件

status-health-working = 正常
status-health-disturbed = 异常
status-health-quiet = 近期没有记录
status-health-absent = 未开通
status-health-unknown = 暂时无法查询

status-succeeded = 最近一次成功：{ $time }
status-failed = 最近一次失败：{ $time }
status-waiting = 最早一项自{ $time }起等待处理

status-advice-portal = 目前可能无法下单，请稍后再试。
status-advice-payment = 支付页面目前可能打不开，请稍后再试。
status-advice-network = 部分号码的到账可能比平时慢：要么到账，要么原路退款，请勿重复付款。
status-advice-work = 到账和退款可能比平时慢，请勿重复付款。
status-advice-sms = 短信可能会迟到，充值不受影响，请在订单页查看结果。
status-advice-email = 邮件可能会迟到，充值不受影响，请在订单页查看结果。

status-money = 不管这里显示什么，您的款项在哪里，以订单页为准。
