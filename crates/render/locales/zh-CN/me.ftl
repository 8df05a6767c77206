### 个人中心：余额、余额变动与充值记录。

me-title = 个人中心
me-balance = 余额
me-history = 充值记录
me-questions = 我的留言
me-line = 号码
me-line-title = 尾号{ $digits }的号码
me-as-of = 截至{ $time }。
me-refresh = 刷新
me-details = 详情
me-credit = 话费余额
me-buckets = 此号码的套餐
me-no-buckets = 此号码暂无套餐。
me-left = 剩余{ $left }，共{ $granted }
me-until = 有效期至{ $time }，
me-days = 还剩{ $count }天。
me-hours = { $count ->
    [0] 不足 1 小时。
   *[other] 还剩{ $count }小时。
 }
me-waits = 首次使用时生效；若{ $date }前未使用，则自动失效。
me-zone = 可用地区：{ $zone }。
me-alert-used_up = 已用完
me-alert-ends_soon = 即将到期
me-alert-low = 余量不足
me-repeat = 再充一次：{ $offer }
me-top-up = 为此号码充值
me-no-lines = 添加您的号码，即可在此查看余额。我们会向该号码发送验证码。
me-network-before = 网络暂无应答，以下为{ $time }的数据。您仍可充值。
me-network-never = 网络暂时无法提供余额。您仍可充值。
me-offline = 您已离线，以下为{ $time }的数据。恢复联网前无法购买。
me-offline-title = 您已离线
me-offline-more = 打开此页面需要联网。没有产生任何订单，也未扣款。
me-offline-kept = 查看本设备保存的最近余额
me-offline-receipts = 本机保存的收据

## 话费或单个套餐的变动记录。
me-entries-money = 话费变动记录
me-entries-bucket = { $granted }套餐的变动记录
me-entries-back = 改看话费变动记录
me-bucket-history = 变动记录
me-no-entries = 暂无变动。
me-no-entries-network = 此号码的余额由其网络管理，这里只显示充值，目前没有记录。
me-no-entries-since = 此号码加入账户（{ $date }）之后，话费暂无变动；之前的变动不在此显示。
me-older-entries = 更早的记录
me-past = 已到期的套餐
me-ended = { $time }到期
me-entry-granted = 充值
me-entry-bonus = 赠送
me-entry-moved_in = 由旧套餐结转
me-entry-moved_out = 结转至新套餐
me-entry-used = 已使用
me-entry-ended = 到期未用
me-entry-reversed = 已收回
me-receipt = 收据
me-order = 订单

## 充值记录。
me-filter-line = 号码
me-filter-state = 状态
me-filter-month = 月份
me-filter-all = 全部
me-filter-show = 查看
me-month = { $year }年{ $month }月
me-group-under_way = 进行中
me-group-arrived = 充值成功
me-group-returned = 退款
me-group-cancelled = 已取消
me-wrong = 订单有问题
me-from-others = 并非由此账户下单，仅显示到账内容。
me-none = 还没有充值记录。未登录时下的订单不在此列，可凭订单号在“查询订单”中查看。
me-of-browser = { $count ->
   *[other] 此浏览器中另有{ $count }笔未登录时下的订单。
 }
me-none-filtered = 没有符合条件的充值记录。
me-show-all = 查看全部
me-first = 去充值
me-older = 更早的订单
me-csv = 下载表格（CSV）
me-archived = 这里显示最近两年的订单，更早的订单按税法要求继续保存。如需查询，请给我们留言：

## 表格。
csv-date = 日期时间
csv-zone = 时区
csv-utc = 协调世界时
csv-code = 订单号
csv-item = 项目
csv-number = 号码尾号
csv-amount = 金额
csv-currency = 币种
csv-state = 状态
csv-by = 下单方
csv-own = 此账户
csv-others = 非本账户
csv-cut = 此文件仅含最近{ $count }笔订单。如需更早的订单，请选择月份。

own-lines = 我的号码
own-lines-lead = 您已登录：请选择您的号码，或在下方输入其他号码。
own-order = 您已登录：此订单将保存到您的账户。
