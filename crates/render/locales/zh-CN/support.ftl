### 客服：用户提问，客服回复。页面、邮件和短信。

support-title = 给客服留言
support-lead = 请先看看您的订单目前的情况，多数问题在那里就有答案。
support-which = 是哪一笔订单？
support-no-orders = 本浏览器中没有订单。
support-code-label = 订单号
support-code-hint = 十位字母和数字，例如7K2M9-QX4TB。订单页、收据和有关订单的通知里都有。
support-find = 继续
support-none = 没有订单号，或与订单无关
support-cases = 您的留言
support-continue = 查看已有留言
support-case-label = 留言编号
support-case-hint = 以S-开头，例如S-7K2M9-QX4TB。
support-case-find = 打开留言

support-known = 这笔订单目前的情况
support-known-open = 查看订单
support-answered = 以上内容如已解答您的问题，就不必再留言了。
support-about = 关于订单{ $code }
support-about-none = 与订单无关
support-about-shop = 关于门店 { $name }（{ $number }）
support-change-order = 换一笔订单
support-already = 您已就这笔订单留过言。
support-already-see = 查看留言{ $code }

support-cause = 遇到了什么问题？
support-cause-not_arrived = 已扣款，但没到账
support-cause-wrong_number = 充错号码了
support-cause-wrong_amount = 金额不对
support-cause-paid_twice = 重复付款了
support-cause-want_refund = 想退款
support-cause-receipt = 需要收据
support-cause-shop = 门店或自助终端机的问题
support-cause-other = 其他问题

support-hint-not_arrived = 如订单显示“{ state-credited }”，请重启手机后再查余额。其他情况无需再次付款：要么到账，要么自动退回。
support-hint-wrong_number = 尚未使用的部分可以收回。请勿私下要求对方付款给您。
support-hint-paid_twice = 同一订单多付的款项会自动退回，通常只需几分钟。
support-hint-want_refund = 完全未使用的充值可以申请原路退回；用过的不能退款。
support-hint-receipt = 收据在订单页，可打印或保存。

support-text-label = 您的问题
support-text-hint = 什么时候、发生了什么？请勿填写银行卡号或验证码，客服不需要这些信息。
support-contact-label = 接收回复通知的邮箱
support-contact-needed = 客服回复后，我们会发邮件通知您。
support-contact-optional = 可不填。不填时，我们会发邮件到订单留的邮箱，或发短信到充值号码。
support-contact-account = 我们会通知到您账户的邮箱或号码。
support-when = { $hours ->
   *[other] 我们会在{ $hours }小时内回复。
 }
support-send = 提交

support-files-label = 图片或PDF（可不传）
support-files-hint = 最多3个文件，每个不超过5MB，格式为JPEG、PNG、WebP或PDF。截图往往最能说明问题，请遮住银行卡号。我们会去除图片中的拍摄地点，文件保存180天后删除。
support-files-again = 如之前选了文件，请重新选择。
case-file-size = { $kib }KB
problem-file_kind = 有文件无法使用。仅支持图片（JPEG、PNG、WebP）和PDF。您填写的内容仍在。
problem-file_too_large = 有文件超过5MB，请换小一点的文件，例如截图。您填写的内容仍在。
problem-files_too_many = 一次最多上传3个文件。您填写的内容仍在，其余文件可在下一条留言中补充。
problem-case_full = 此留言的文件已达上限（20MB），请不带文件发送。您填写的内容仍在。

case-title = 留言{ $code }
case-sent = 留言已收到。请保存编号{ $code }，凭此编号可在这里查看回复。
case-state-open = 等待客服回复
case-state-waiting_for_asker = 等待您回复
case-state-answered = 已回复
case-state-closed = 已关闭
case-sentence-open = 我们会在{ $time }前回复。
case-sentence-late = 抱歉，回复晚了。您的留言已排在最前面。
case-sentence-waiting_for_asker = 客服需要向您确认一些信息，请在下方回复。
case-sentence-answered = 客服已回复。如有不清楚的地方，直接在下方回复即可。
case-sentence-closed = 此留言已关闭。再次留言即可重新打开。
case-thread = 往来留言
case-author-asker = 您
case-author-staff = { $brand }客服
case-author-note = 内部备注
case-reply-label = 您的回复
case-reply-send = 发送回复
case-reopen-send = 发送并重新打开
case-close = 问题已解决
case-rate = 您对这次服务满意吗？
case-rate-hint = 1分（很差）到5分（很好）
case-rate-send = 提交评分
case-rated = 谢谢！您打了{ $rating }分（满分5分）。
case-about-order = 订单
case-asked-at = 提问时间
case-cause = 问题类型

case-proof-title = 查看留言
case-proof-lead = 请先证明这是您的留言。
case-proof-label = 邮箱，或充值号码的后四位
case-proof-hint = 填写留言时或下单时留的邮箱。如当时已登录账户，请先登录。
case-proof-show = 查看留言

problem-text_missing = 请写下您的问题。
problem-text_too_long = 内容过长，最多2000字。
problem-contact_missing = 请填写邮箱，以便我们通知您。
problem-case_closed = 此留言已结束，请重新提问。
problem-case_unreadable = 留言编号不对。编号以S-开头，后面是十位字母和数字，请核对。
problem-cause_missing = 请选择问题类型。
problem-support_locked = 您已连续留言多次，请在{ $time }后再试。在此之前，订单页会显示款项在哪里。

order-refund-other_amount = 收到的金额与订单不符，款项原路退回。
order-refund-by_hand = 客服已同意退还这笔款项。
order-trouble = 有问题？
order-trouble-write = 就这笔订单给客服留言
help-write = 这里没有您要的答案？
help-write-text = 有没有订单号都可以给我们留言。我们在这里回复，并会通知您。

email-support-subject = 您的留言{ $code }已有回复
email-support-text = 客服已回复您的留言{ $code }。为了您的安全，回复内容只在官网显示。
email-support-open = 查看回复
email-support-how = 页面会要求输入您的邮箱或号码后四位。我们绝不会索要银行卡号或验证码。
email-support-why = 您收到这封邮件，是因为有人用此邮箱向客服留言。
sms-support-answer = 您的留言已有回复：{ $url } { $brand }
