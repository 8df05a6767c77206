### 营销活动：管理后台页面、收件人收到的内容，以及退订方式。

office-menu-campaigns = 营销活动
campaigns-title = 营销活动
campaigns-lead = 向已同意接收的用户发送营销信息。一人撰写，另一人审批。收件人当地时间21:00至次日9:00不发送。
campaigns-off = 营销信息已停用：在“限额与开关”中重新启用之前，不会发送，也不能审批。
campaigns-new = 新建营销活动
campaigns-waiting = 待第二人审批
campaigns-sending = 发送中
campaigns-drafts = 草稿
campaigns-over = 已结束
campaigns-none = 暂无。

campaign-edit = 修改草稿
campaign-form-lead = 至少填写一种语言。使用其他语言的收件人将收到您在下方选定的语言。
campaign-name = 名称
campaign-name-hint = 仅供员工查看，收件人看不到。
campaign-channels = 发送方式
campaign-channels-hint = 每位收件人只收一次：同意接收短信的发短信，否则发邮件。
campaign-channel-sms = 短信
campaign-channel-email = 邮件
campaign-markets = 市场
campaign-from = 开始日期
campaign-until = 结束日期
campaign-window = 发送日期
campaign-window-hint = 日期以第一个市场的时区为准。结束日期过后仍未发出的，不再发送。
campaign-promotion = 指向的优惠活动
campaign-promotion-none = 无
campaign-sms = 短信内容
campaign-sms-hint = 最多{ $most }个字符。系统会自动加上运营商名称和退订方式。
campaign-subject = 邮件主题
campaign-body = 邮件正文
campaign-body-hint = 最多{ $most }个字符，换行即分段。系统会自动加上接收原因、发件人和退订方式。
campaign-fallback = 其他语言的收件人
campaign-fallback-hint = 没有对应语言文本的收件人将收到此语言。
campaign-preview = 保存并预览
campaign-written-by = 撰写人
campaign-stopped-by = 停止人
campaign-about = 活动信息
campaign-reach = 当前可送达的收件人
campaign-reach-total = 合计
campaign-reach-nobody = 这些市场中没有用户同意以所选方式接收。
campaign-reach-hint = 每条信息发出时都会再次核对是否同意。每人每周最多收到{ $count }条营销信息。
campaign-parts = { $count ->
   *[other] 共{ $characters }个字符，{ $count }条短信。
}
campaign-alphabet-gsm = 使用普通字母表。
campaign-alphabet-unicode = 含特殊字符，每条短信仅70个字符。
campaign-progress = 发送情况
campaign-progress-hint = “等待中”的信息会等到早晨，或等到该收件人一周内少于{ $count }条营销信息时再发送。
campaign-readers = 已列入的收件人
campaign-message-queued = 等待中
campaign-message-sending = 正在提交
campaign-message-sent = 已发送
campaign-message-delivered = 已送达
campaign-message-failed = 失败
campaign-message-unclear = 结果不明，不再重发
campaign-message-dead = 已放弃
campaign-message-withdrawn = 期间撤回同意
campaign-message-capped = 已达每周上限
campaign-message-lapsed = 已过期限
campaign-message-stopped = 停止前未发
campaign-decide = 您的决定
campaign-decide-about = 批准后，自开始日期起向届时仍同意接收的用户发送。
campaign-decision-hint = 拒绝时必须填写。
campaign-approve = 批准并发送
campaign-decline = 拒绝
campaign-own-draft = 这是您的草稿，尚未提交审批。提交后不能再修改。
campaign-own-asked = 这是您撰写的，须由另一位主管审批；审批前您可以收回。
campaign-ask = 提交审批
campaign-withdraw = 收回
campaign-stop = 停止发送
campaign-stop-about = 等待中的信息不再发送，已提交的仍会送达。
campaign-supervisor = 须由未参与撰写的主管审批。

campaign-state-draft = 草稿
campaign-state-asked = 待审批
campaign-state-approved = 发送中
campaign-state-declined = 已拒绝
campaign-state-withdrawn = 已收回
campaign-state-stopped = 已停止
campaign-state-done = 已发送

office-problem-campaign_unknown = 没有此营销活动。
office-problem-campaign_name_missing = 请填写名称。
office-problem-campaign_name_too_long = 名称过长。
office-problem-campaign_no_channel = 请选择发送方式。
office-problem-campaign_no_market = 请选择市场。
office-problem-campaign_window_wrong = 结束日期不能早于开始日期，不能已过，且两者相隔最多62天。
office-problem-campaign_fallback_missing = 用于其他语言收件人的那种语言，须为每种发送方式填写内容。
office-problem-campaign_incomplete = 这种语言只填写了一种发送方式的内容。请补全，或全部留空。
office-problem-campaign_too_long = 内容过长。
office-problem-campaign_link_unknown = 优惠活动或市场已不存在。
office-problem-campaign_not_now = 已有他人处理，或现在不能进行此操作。未作任何更改。
office-problem-campaign_same_person = 这是您本人撰写的，须由他人审批。
office-problem-campaign_not_theirs = 只有撰写人可以操作。
office-problem-campaign_not_supervisor = 营销活动由主管审批。
office-problem-campaign_note_missing = 请说明原因。
office-problem-campaign_note_too_long = 内容过长，最多300个字符。
office-problem-campaign_switched_off = 营销信息目前已停用。

office-subject-campaign = 营销活动
office-did-campaign_asked = 提交营销活动审批
office-did-campaign_approved = 批准营销活动
office-did-campaign_declined = 拒绝营销活动
office-did-campaign_withdrawn = 收回营销活动
office-did-campaign_stopped = 停止营销活动
office-did-consent_withdrawn = 用户从信息中退订

limit-marketing = 每人收到的营销信息
limit-per-week = 每周
switch-marketing = 营销信息
switch-about-marketing = 停用期间不发送营销信息，也不能审批营销活动。验证码、收据和其他信息不受影响。

## 收件人收到的内容。

sms-campaign = 【{ $brand }】{ $text } 拒收请回复TD
sms-campaign-link = 【{ $brand }】{ $text } { $link } 拒收请回复TD
sms-marketing-ended = 【{ $brand }】退订成功，今后不再向您发送优惠短信。订单相关短信不受影响。
email-campaign-link = 查看优惠活动
email-campaign-stop = 退订此类邮件
email-campaign-why = 您收到此邮件，是因为您在账户中同意通过邮件接收{ $brand }的优惠信息。
email-campaign-sender = 发件人：{ $sender }

## 退订短信的关键词，按比较时的写法：大写、无空格。

stop-words = TD T 退订 退訂 退 取消

unsubscribe-title = 退订优惠邮件
unsubscribe-ask-email = 点击按钮后，{ $brand }不再通过邮件向您发送优惠信息。
unsubscribe-ask-sms = 点击按钮后，{ $brand }不再通过短信向您发送优惠信息。
unsubscribe-button = 退订
unsubscribe-rest = 收据和账户安全通知不受影响。
unsubscribe-done-email = 退订成功，{ $brand }不再通过邮件向您发送优惠信息。
unsubscribe-done-sms = 退订成功，{ $brand }不再通过短信向您发送优惠信息。
unsubscribe-done-text = 如需重新接收，请在账户中设置；这是唯一的方式。
unsubscribe-unknown = 此链接无法使用
unsubscribe-unknown-text = 链接不完整，或所属账户已不存在。您也可以在账户中退订。

consent-said-given = { $how }：{ $date }同意（{ $where }）
consent-said-withdrawn = { $how }：{ $date }起不接收（{ $where }）
consent-where-registration = 注册时
consent-where-account = 在账户中
consent-where-reply = 回复短信
consent-where-mail = 通过邮件退订
