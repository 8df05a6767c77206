### 帮助页。

help-title = 帮助
help-lead = 怎么充值、多久到账、怎么退款、怎么防骗。
help-contents = 本页内容

help-urgent = 已扣款，但还没到账？
help-urgent-text = 先别再付一次。凭订单号查一下，就知道款项在哪里。
help-urgent-more = 看看该怎么办

help-ways = 怎么充值
help-online = 在线充值
help-online-about = 现已开放，随时可用，无需注册账户。
help-online-1 = 输入要充值的手机号码。
help-online-2 = 选择话费或套餐，付款前显示全部费用。
help-online-3 = 核对号码和金额，到支付机构的页面付款。
help-online-4 = 订单页显示“{ state-credited }”即已到账，可查看收据。
help-online-4-sms = 订单页显示“{ state-credited }”即已到账，可查看收据；充值号码还会收到短信。
help-offline = 门店和自助终端机尚未开放，以下是开放后的办理步骤。官网公布网点之前，请勿在别处付款。
help-agent = 授权代理商
help-agent-about = 尚未开放。开放后在授权门店这样办理：
help-agent-1 = 出示身份证件，由店员核验。
help-agent-2 = 告诉店员号码和金额，在屏幕上核对一遍。
help-agent-3 = 用现金或银行卡付款。
help-agent-4 = 拿好收据，核对号码尾号、金额和订单号。
help-kiosk = 自助终端机
help-kiosk-about = 尚未开放。开放后用银行卡或手机这样付款：
help-kiosk-1 = 输入手机号码和短信收到的验证码。验证码只在屏幕上输入，不要告诉旁人。
help-kiosk-2 = 选择话费或套餐，核对屏幕上的费用。
help-kiosk-3 = 插入银行卡，或用手机扫描二维码付款。
help-kiosk-4 = 取回银行卡和小票。小票上有订单号。

help-time = 多久到账
help-time-usual = 付款成功后，通常几秒钟内到账。
help-time-late = { $minutes ->
   *[other] 如果{ $minutes }分钟后仍没有结果，订单会转为“{ state-review }”。
 }
help-time-close = 关闭页面不影响处理，用订单号随时可以再打开订单。

help-states = 订单状态说明
help-states-lead = 每个状态都会告诉您款项在哪里。
help-state-awaiting_payment = 您尚未付款。
help-state-checking_payment = 正在向银行或 PayPal 核实，请勿重复付款。
help-state-paid = 款项已收到，正在充值。
help-state-pending_network = 款项已收到，等运营商确认；如充值失败将原路退回。
help-state-credited = 话费或套餐已到账，可以使用。
help-state-refunding = 款项正原路退回，订单页上有退款编号。
help-state-refunded = 款项已退回，到账时间以银行为准。
help-state-reversed = 充入的话费已从该号码收回，付款已原路退回，订单页上有退款编号。
help-state-cancelled = 您未被扣款；如之后扣款成功，将自动原路退回。
help-state-review = 工作人员正在核实，请勿重复付款。

help-taken = 已扣款，但没到账
help-taken-1 = 先不要再付一次。
help-taken-2 = 打开“{ chrome-find-order }”，输入订单号。订单号在订单页和收据上。
help-taken-3 = 显示“{ state-checking_payment }”“{ state-paid }”“{ state-pending_network }”或“{ state-review }”：请等待，最后不是到账，就是原路退回。
help-taken-4 = 显示“{ state-awaiting_payment }”：我们还没有收到款项。如刚付过款，请过几分钟再查，收到后会继续充值。显示“{ state-cancelled }”：银行记录可能只是暂时冻结的金额；如果确实扣了款，会自动原路退回。
help-taken-5 = 显示“{ state-credited }”，手机上却看不到：核对订单页的号码尾号，再查一次余额。
help-taken-6 = 还是不清楚，请带着订单号联系客服。

help-refund = 怎么退款
help-refund-self = 确定充值失败，或者重复付了款，退款会自动开始，不用申请。
help-refund-way = 款项原路退回付款用的银行卡或账户，不会退到别处。
help-refund-reference = 订单页上有退款编号，以 RF- 开头，咨询时请提供。
help-refund-when = 退款发出后，到账时间以银行为准，常常要几个工作日。
help-refund-arrived = 已到账的充值，完全未使用的可以申请撤回并原路退回；用过的不能退款。付款前请看清号码。

help-safe = 谨防诈骗
help-safe-code = 验证码、密码、卡号不要告诉任何人，自称客服的人也不例外。
help-safe-sms = 短信和截图可以伪造。是否到账，以官网订单页为准。
help-safe-site = 付款前看清网址，小心仿冒网站。
help-safe-receipt = 别人给的收据，用订单号在官网查一下真假。
help-safe-refund = 退款不需要您再付钱、转账或提供验证码。
help-safe-more = 查看官方网址和短信发送方

help-contact-hours = 服务时间
help-contact-phone = 电话
help-contact-ready = 请准备好订单号。不要发送卡号和验证码。

help-about-state = 这个状态是什么意思？

## 浏览器提示。
browser-wechat = 您正在微信里打开本页。如果付款页面打不开，请点右上角“···”，选择“在浏览器打开”。号码和所选产品都会保留。也可以直接在这里付款。
browser-old = 您的浏览器版本较旧，页面样子可能不整齐，但仍可充值和查询。建议更新浏览器。
