### 账户：登录、注册、验证码，以及用户看到的本人资料。

chrome-account = 个人中心
chrome-sign-in = 登录

sign-in-title = 登录
sign-in-lead = 无需密码，我们会向您的手机或邮箱发送验证码。
sign-in-contact = 手机号码或电子邮箱
sign-in-contact-hint = 请填写注册时所用的联系方式，号码前可加国家代码。
sign-in-send = 发送验证码
sign-in-trust = 我们绝不会通过电话、短信或聊天索要验证码。
sign-in-new = 还没有账户？
sign-in-guest = 不登录也可以充值。
sign-in-signed_out = 您已退出登录。
sign-in-signed_out_everywhere = 您已在所有设备上退出登录。
sign-in-erased = 您的账户已注销，感谢您曾经的使用。

code-title = 输入验证码
code-sent-perhaps-sms = 如该号码已注册，验证码短信正发往{ $to }。
code-sent-perhaps-email = 如该邮箱已注册，验证码邮件正发往{ $to }。
code-sent-other-sms = 如账户存在，验证码短信正发往该账户的手机。
code-sent-other-email = 如账户存在，验证码邮件正发往该账户的邮箱。
code-sent-sms = 验证码短信正发往{ $to }。
code-sent-email = 邮件正发往{ $to }。
code-label = 六位验证码
code-valid-until = { $time }前有效。
code-for-sign_in = 此验证码用于登录。
code-for-register_email = 此验证码用于注册。
code-for-register_phone = 此验证码用于注册。
code-for-confirm = 此验证码用于确认是您本人。
code-for-change_contact = 此验证码用于更换联系方式。
code-for-add_line = 此验证码用于将该号码加入您的账户。
code-continue = 继续
code-not-there = 没有收到？
code-resend-from = { $time }起可重新发送。
code-resend-in = { $seconds }秒后可重新发送。
code-resend = 重新发送验证码
code-other-sms = 改用邮件接收
code-other-email = 改用短信接收
code-edit-sms = 号码有误？返回修改
code-edit-email = 邮箱有误？返回修改
code-edit-own = 使用其他联系方式
code-never-ask = 请勿将验证码告诉任何人，我们绝不会索要。

register-title = 注册
register-lead = 一个账户管理您的号码、收据和充值记录，免费注册。
register-email = 电子邮箱
register-email-hint = 我们先向此邮箱发送验证码。
register-resume = 已在其他设备上开始注册？输入同一邮箱即可继续。
register-have = 已有账户？

details-title = 手机和偏好
details-lead = 邮箱已验证。再验证手机即可完成注册。
details-resumed = 欢迎回来，您之前填写的内容仍然保留。
details-phone-hint = 用于联系您，可以是境外号码，不必是要充值的号码。
details-optional = （选填）
details-what = 如该号码属于我们，将自动加入您的账户，便于查看余额。

consent-title = 优惠信息
consent-hint = 完全自愿，可随时更改。收据和安全通知不受影响。
consent-sms = 通过短信接收
consent-email = 通过邮件接收

account-title = 账户与安全
account-to-me = 查看余额和充值记录
account-back = 返回账户
account-contacts = 联系方式
account-contacts-hint = 两者均可用于登录。
account-phone = 手机
account-email = 邮箱
account-change = 更换
account-lines = 我的号码
account-lines-hint = 可在此查看这些号码的余额和记录。
account-no-lines = 尚未添加号码。
account-line = 号码
account-edit = 编辑
account-label = 号码备注
account-save = 保存
account-line-remove = 从账户中移除
account-devices = 登录设备
account-device-unknown = 未知设备
account-device-this = 本设备
account-seen = 最近使用：{ $time }
account-end = 退出
account-sign-out = 退出登录
account-end-all = 在所有设备上退出
account-preferences = 称呼、语言和优惠信息
account-name = 称呼
account-language = 语言
account-language-hint = 我们用此语言与您联系。
account-looks = 谁查看过我的数据
account-looks-hint = 工作人员打开您的资料时（例如为了答复您），会记录在此。
account-look = 工作人员查看（已隐去号码）
account-look-revealed = 工作人员说明理由后查看了完整信息
account-no-looks = 尚无人查看。
account-data = 我的数据
account-data-hint = 您可以下载自己的数据，或注销账户，两者均需验证码。
account-done-saved = 已保存。
account-done-contact_changed = 已更换，并已通知原联系方式。
account-done-line_added = 号码已加入您的账户。
account-done-line_removed = 号码已从您的账户中移除。
account-done-device_ended = 该设备已退出登录。
account-done-export_ready = 已确认。请在十分钟内点击“下载我的数据”。
line-status-barred = 已停机
line-status-closed = 已停用
line-status-ported_out = 已转到其他运营商

contact-phone-title = 更换手机
contact-email-title = 更换邮箱
contact-lead = 我们会向新的联系方式发送验证码，并通知原联系方式。
contact-now = 当前
contact-email-hint = 更换后请用它登录。

line-title = 添加号码
line-lead = 我们会向该号码发送验证码，请备好其 SIM 卡或 eSIM。
line-hint = 请填写本运营商的号码。

confirm-title = 确认是您本人
confirm-lead = 此操作需要十分钟内的验证码。
confirm-where = 发送到
confirm-by-phone = 短信：
confirm-by-email = 邮件：

export-button = 下载我的数据

erase-title = 注销账户
erase-lead = 注销后无法恢复。号码上的话费余额不受影响。
erase-goes = 立即删除的内容
erase-goes-contacts = 您的称呼、手机号码和邮箱
erase-goes-devices = 所有设备的登录信息
erase-goes-lines = 号码与您的关联及备注
erase-goes-mail = 订单中留下的邮箱，以及您的各项同意
erase-stays = 依法保留的内容及期限
erase-stays-orders = 订单（不含姓名）：依税法保留十年
erase-stays-ledger = 资金账目（不含姓名）：不可更改，以确保任何人的款项不会丢失
erase-stays-line = 号码本身及其余额：以入网合约期限为准
erase-stays-cases = 与客服的往来内容（不含姓名）：三年
erase-stays-log = 备份：至被替换为止，最长35天
erase-export = 想保留一份？
erase-sure = 我已了解：账户将永久注销。
erase-do = 注销账户

problem-contact_unreadable = 这既不是手机号码，也不是电子邮箱，请核对。
problem-contact_email_invalid = 电子邮箱不完整，请核对。
problem-contact_landline = 这是固定电话，无法接收短信，请输入手机号码。
problem-contact_country = 暂时无法向该国家或地区的号码发送验证码，请换一个号码。
problem-contact_taken = 该联系方式属于另一个账户。请用它登录，或换一个。
problem-contact_same = 这已是您当前的联系方式。
problem-line_not_ours = 该号码不属于我们或已停用，请核对。
problem-lines_full = 账户中的号码已达上限，请先移除一个。
problem-texts_paused = 目前无法发送短信。请使用邮箱，或稍后再试。
problem-mail_paused = 目前无法发送邮件。请使用手机号码，或稍后再试。
problem-code_not_before = 暂时不能再发送验证码，请在{ $time }之后再试。
problem-code_not_six = 验证码为六位数字，请核对。
problem-code_wrong = { $left ->
   *[other] 验证码有误，还可尝试{ $left }次。
 }
problem-code_over = 验证码已失效，请重新获取。
problem-code_locked = 错误次数过多，请在{ $time }之后重新获取验证码。
problem-registration_paused = 目前暂停注册。您无需账户也可充值，请稍后再试。
problem-registration_gone = 此次注册已失效或已完成。请重新开始，或直接登录。
problem-proof_needed = 请先用新的验证码确认是您本人。
problem-order_waiting = 您有订单尚未完结，完结后方可注销账户，届时会邮件通知您。
problem-erase_unsure = 请先勾选确认。

## 短信，不含链接，不超过70个字。
sms-security-code = 【{ $brand }】验证码{ $digits }，用于{ $purpose }，{ $minutes }分钟内有效。我们绝不会索要验证码，请勿告诉任何人。
sms-code-for-sign_in = 登录
sms-code-for-register_email = 注册
sms-code-for-register_phone = 注册
sms-code-for-confirm = 确认本人操作
sms-code-for-change_contact = 更换联系方式
sms-code-for-add_line = 添加此号码
sms-notice-signed_in = 【{ $brand }】有新设备登录了您的账户。如非本人操作，请在个人中心退出所有设备。
sms-notice-signed_in-on = 【{ $brand }】新设备登录了账户：{ $device }。如非本人，请在个人中心全部退出。
sms-notice-contact_changed = 【{ $brand }】您账户的联系方式已更换。如非本人操作，请立即联系客服。
sms-notice-address_in_use = 【{ $brand }】有人尝试用此联系方式注册。您已有账户。
sms-notice-erased = 【{ $brand }】您的账户已注销。

email-notice-at = 时间
email-notice-device = 设备
email-notice-contact = 新的联系方式
email-notice-why = 此邮件涉及您的账户安全，因此发送给您。
email-notice-signed_in-subject = 有新设备登录
email-notice-signed_in = 有一台此前未见过的设备登录了您的账户。
email-notice-signed_in-next = 如为本人操作，无需处理。如非本人，请打开账户页面，在所有设备上退出登录。
email-notice-contact_changed-subject = 联系方式已更换
email-notice-contact_changed = 您账户的手机或邮箱已更换。
email-notice-contact_changed-next = 如为本人操作，无需处理。如非本人，请用另一联系方式登录，在所有设备上退出，并联系客服。
email-notice-address_in_use-subject = 您已有账户
email-notice-address_in_use = 有人尝试用此邮箱在{ $brand }注册。
email-notice-address_in_use-next = 如为本人操作：您已有账户，请直接登录。如非本人，无需处理。
email-notice-erased-subject = 您的账户已注销
email-notice-erased = 应您的要求，您在{ $brand }的账户已注销。
email-notice-erased-next = 订单依法保留，但不含您的姓名。这是关于该账户的最后一封邮件。
