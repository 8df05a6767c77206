### 真伪查验页。

verify-title = 真伪查验
verify-lead = 网站、短信和收据是不是我们的，在这里核对。

verify-sites = 官方网址
verify-sites-lead = 官网只有下面的网址，请与浏览器地址栏逐字核对。
verify-pay = 付款时会打开支付机构的页面，网址只会是：

verify-senders = 短信、邮件和账单
verify-sms = 短信发送方
verify-mail = 邮件发件地址
verify-mail-ends = 以 { $domain } 结尾
verify-statement = 银行账单显示
verify-senders-caution = 发送方名称可以伪造。是否到账，以官网订单页为准。

verify-receipt = 查收据或订单号
verify-receipt-lead = 照片、截图和短信都不能证明到账。在这里输入订单号，再填邮箱或号码后四位，就能看到真实的状态和金额。

verify-never = 我们绝不会
verify-never-code = 索要您的验证码或密码
verify-never-card = 在支付页面以外索要卡号、有效期或安全码
verify-never-transfer = 要您转账到个人账户，或用礼品卡付款
verify-never-refund = 要您先付一笔钱才能退款或到账
verify-never-remote = 要您共享屏幕，或安装远程控制软件

verify-community = 官方社群
verify-community-lead = 只有下面这些是我们的。在群里主动私聊您的“客服”，都不是我们的人。

verify-doubt = 遇到可疑情况，请不要付款，先向我们核实。
