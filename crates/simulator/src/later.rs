//! What the simulator does when its time has come. Start reading at [`Later`]; the books keep when and about what.

/// What is done later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    /// An open session expires.
    Expire,
    /// A processing payment succeeds.
    PaymentSucceeds,
    /// A processing payment fails.
    PaymentFails,
    /// A pending refund succeeds.
    RefundSucceeds,
    /// A refund fails, even one that had succeeded.
    RefundFails,
    /// The bank answers a reader that waits for it.
    ReaderHears,
    /// An order that was not captured is forgotten.
    PaypalOrderEnds,
    /// A pending capture completes.
    PaypalCaptureCompletes,
    /// A pending capture is denied.
    PaypalCaptureDenied,
    /// A pending refund completes.
    PaypalRefundCompletes,
    /// A pending refund fails.
    PaypalRefundFails,
}

impl Later {
    /// All there are.
    pub const ALL: [Later; 11] = [
        Later::Expire,
        Later::PaymentSucceeds,
        Later::PaymentFails,
        Later::RefundSucceeds,
        Later::RefundFails,
        Later::ReaderHears,
        Later::PaypalOrderEnds,
        Later::PaypalCaptureCompletes,
        Later::PaypalCaptureDenied,
        Later::PaypalRefundCompletes,
        Later::PaypalRefundFails,
    ];

    /// How the books spell it.
    pub fn name(self) -> &'static str {
        match self {
            Later::Expire => "expire",
            Later::PaymentSucceeds => "payment_succeeds",
            Later::PaymentFails => "payment_fails",
            Later::RefundSucceeds => "refund_succeeds",
            Later::RefundFails => "refund_fails",
            Later::ReaderHears => "reader_hears",
            Later::PaypalOrderEnds => "paypal_order_ends",
            Later::PaypalCaptureCompletes => "paypal_capture_completes",
            Later::PaypalCaptureDenied => "paypal_capture_denied",
            Later::PaypalRefundCompletes => "paypal_refund_completes",
            Later::PaypalRefundFails => "paypal_refund_fails",
        }
    }
}
