### 屏幕和纸质收据。

receipt-title = 收据 { $code }
receipt-heading = 收据
receipt-state = 状态
receipt-credited = 到账时间
receipt-paid-by = 付款方式
receipt-card-ending = { $brand ->
    [unknown] 银行卡，尾号 { $digits }
    [UnionPay] 银联卡，尾号 { $digits }
   *[other] { $brand } 卡，尾号 { $digits }
 }
receipt-card = 支付页面
receipt-paypal = PayPal
receipt-tender-cash = 现金
receipt-tender-card = 银行卡
receipt-given = 实收现金
receipt-change = 找零
receipt-shop = 门店
receipt-clerk = 店员编号
receipt-fiscal-sale = 税控签名
receipt-fiscal-reversal = 税控签名（撤销）
receipt-fiscal-by = 税控设备 { $device }，交易号 { $transaction }，签名计数 { $counter }
receipt-fiscal-at = 签名时间
receipt-fiscal-signature = 签名
receipt-fiscal-text = 核验
receipt-fiscal-waiting = 税控设备的签名稍后生成，请稍后重新打印
receipt-fiscal-refused = 税控设备未签名，详情请询问门店
receipt-float = 代理预存款
receipt-tax-id = { $name }税号
receipt-as-of = 截至{ $time }
receipt-refunded = 已于{ $date }退款，退款编号{ $ref }
receipt-refund-moving = 退款中，退款编号{ $ref }
receipt-refund-failed = 暂未能退回，正在人工处理，退款编号{ $ref }
receipt-net = 退款后实付
receipt-print = 打印
receipt-back = 返回订单
receipt-date = 日期
receipt-copy = 副本
receipt-demo = 演示
receipt-training = 培训练习
receipt-genuine = 核验收据真伪
receipt-pdf = 保存为 PDF
receipt-qr = 证明这张收据的二维码
receipt-qr-lead = 扫码查验这张收据的真伪，以及此后有没有退款。
receipt-check = 查验这张收据
receipt-invoice = 开具发票
