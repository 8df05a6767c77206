### 屏幕和纸质收据。

receipt-title = 收据 { $code }
receipt-heading = 收据
receipt-state = 状态
receipt-credited = 到账时间
receipt-paid-by = 付款方式
receipt-card-ending = { $brand } 尾号 { $digits }
receipt-card = 支付页面
receipt-float = 代理预存款
receipt-tax-id = { $name }税号
receipt-print = 打印
receipt-back = 返回订单
