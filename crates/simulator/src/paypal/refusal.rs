//! Refusals in PayPal's envelope: a name per HTTP status and an issue per cause, with the texts of the published
//! documents (components `error_400` ... `error_422`, `orders.capture-422`, `captures.refund-422`).
//! Start reading at [`Refusal`].

use serde_json::{Map, Value, json};

use crate::ids;
use crate::stripe::errors::ApiError;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issue {
    status: u16,
    code: &'static str,
    text: &'static str,
}

/// The issues of this slice, with their HTTP status, code and text.
impl Issue {
    pub const AMOUNT_MISMATCH: Issue = Issue {
        status: 422,
        code: "AMOUNT_MISMATCH",
        text: "Should equal item_total + tax_total + shipping + handling + insurance - shipping_discount - discount.",
    };
    pub const CANNOT_BE_ZERO_OR_NEGATIVE: Issue = Issue {
        status: 422,
        code: "CANNOT_BE_ZERO_OR_NEGATIVE",
        text: "Must be greater than zero. If the currency supports decimals, only two decimal place precision is supported.",
    };
    pub const CAPTURE_FULLY_REFUNDED: Issue = Issue {
        status: 422,
        code: "CAPTURE_FULLY_REFUNDED",
        text: "The capture has already been fully refunded",
    };
    pub const DECIMAL_PRECISION: Issue = Issue {
        status: 422,
        code: "DECIMAL_PRECISION",
        text: "If the currency supports decimals, only two decimal place precision is supported.",
    };
    pub const DUPLICATE_INVOICE_ID: Issue = Issue {
        status: 422,
        code: "DUPLICATE_INVOICE_ID",
        text: "Duplicate Invoice ID detected. To avoid a potential duplicate transaction your account setting requires that Invoice Id be unique for each transaction.",
    };
    pub const INSTRUMENT_DECLINED: Issue = Issue {
        status: 422,
        code: "INSTRUMENT_DECLINED",
        text: "The instrument presented  was either declined by the processor or bank, or it can't be used for this payment.",
    };
    pub const INVALID_ARRAY_MAX_ITEMS: Issue = Issue {
        status: 400,
        code: "INVALID_ARRAY_MAX_ITEMS",
        text: "The number of items in an array parameter is too large.",
    };
    pub const INVALID_ARRAY_MIN_ITEMS: Issue = Issue {
        status: 400,
        code: "INVALID_ARRAY_MIN_ITEMS",
        text: "The number of items in an array parameter is too small.",
    };
    pub const INVALID_CURRENCY_CODE: Issue = Issue {
        status: 422,
        code: "INVALID_CURRENCY_CODE",
        text: "Currency code is invalid or is not currently supported. Please refer https://developer.paypal.com/api/rest/reference/currency-codes/ for list of supported currency codes.",
    };
    pub const INVALID_PARAMETER_SYNTAX: Issue = Issue {
        status: 400,
        code: "INVALID_PARAMETER_SYNTAX",
        text: "The value of a field does not conform to the expected format.",
    };
    pub const INVALID_PARAMETER_VALUE: Issue =
        Issue { status: 400, code: "INVALID_PARAMETER_VALUE", text: "A parameter value is not valid." };
    pub const INVALID_RESOURCE_ID: Issue = Issue {
        status: 404,
        code: "INVALID_RESOURCE_ID",
        text: "Specified resource ID does not exist. Please check the resource ID and try again.",
    };
    pub const INVALID_STRING_LENGTH: Issue = Issue {
        status: 400,
        code: "INVALID_STRING_LENGTH",
        text: "The value of a field is either too short or too long",
    };
    pub const ITEM_TOTAL_MISMATCH: Issue = Issue {
        status: 422,
        code: "ITEM_TOTAL_MISMATCH",
        text: "Should equal sum of (unit_amount * quantity) across all items for a given purchase_unit.",
    };
    pub const ITEM_TOTAL_REQUIRED: Issue = Issue {
        status: 422,
        code: "ITEM_TOTAL_REQUIRED",
        text: "If item details are specified (items.unit_amount and items.quantity) corresponding amount.breakdown.item_total is required.",
    };
    pub const MALFORMED_REQUEST_JSON: Issue =
        Issue { status: 400, code: "MALFORMED_REQUEST_JSON", text: "The request JSON is not well formed." };
    pub const MAX_VALUE_EXCEEDED: Issue = Issue {
        status: 422,
        code: "MAX_VALUE_EXCEEDED",
        text: "Should be less than or equal to 999999999999999.99.",
    };
    pub const MISSING_REQUIRED_PARAMETER: Issue =
        Issue { status: 400, code: "MISSING_REQUIRED_PARAMETER", text: "A required parameter is missing." };
    pub const NOT_SUPPORTED: Issue =
        Issue { status: 400, code: "NOT_SUPPORTED", text: "This field is not currently supported." };
    pub const ORDER_ALREADY_CAPTURED: Issue = Issue {
        status: 422,
        code: "ORDER_ALREADY_CAPTURED",
        text: "Order already captured.If 'intent=CAPTURE' only one capture per order is allowed.",
    };
    pub const ORDER_NOT_APPROVED: Issue = Issue {
        status: 422,
        code: "ORDER_NOT_APPROVED",
        text: "Payer has not yet approved the Order for payment. Please redirect the payer to the 'rel':'approve' url returned as part of the HATEOAS links within the Create Order call or provide a valid `payment_source` in the request.",
    };
    pub const PAYER_ACTION_REQUIRED: Issue = Issue {
        status: 422,
        code: "PAYER_ACTION_REQUIRED",
        text: "Transaction cannot complete successfully, instruct the buyer to return to PayPal.",
    };
    pub const PAYPAL_REQUEST_ID_REQUIRED: Issue = Issue {
        status: 400,
        code: "PAYPAL_REQUEST_ID_REQUIRED",
        text: "A PayPal-Request-Id is required if you are trying to process payment for an Order. Please specify a PayPal-Request-Id or Create the Order without a 'payment_source' specified.",
    };
    pub const PENDING_CAPTURE: Issue = Issue {
        status: 422,
        code: "PENDING_CAPTURE",
        text: "Cannot initiate a refund as the capture is pending. Capture is typically pending when the payer has funded the transaction using e-check/bank funded.",
    };
    pub const PREVIOUS_REQUEST_IN_PROGRESS: Issue = Issue {
        status: 409,
        code: "PREVIOUS_REQUEST_IN_PROGRESS",
        text: "A previous request on this resource is currently in progress. Please wait for sometime and try again. It is best to space out the initial and the subsequent request(s) to avoid receiving this error.",
    };
    pub const REFUND_AMOUNT_EXCEEDED: Issue = Issue {
        status: 422,
        code: "REFUND_AMOUNT_EXCEEDED",
        text: "The refund amount must be less than or equal to the capture amount that has not yet been refunded.",
    };
    pub const REFUND_CAPTURE_CURRENCY_MISMATCH: Issue = Issue {
        status: 422,
        code: "REFUND_CAPTURE_CURRENCY_MISMATCH",
        text: "Refund must be in the same currency as the capture",
    };
    pub const REFUND_DUPLICATE_INVOICE_ID: Issue = Issue {
        status: 422,
        code: "DUPLICATE_INVOICE_ID",
        text: "Invoice ID was previously used to refund a capture.",
    };
    pub const REFUND_NOT_ALLOWED: Issue =
        Issue { status: 422, code: "REFUND_NOT_ALLOWED", text: "Capture cannot be refunded." };
}

/// A refusal and what its answer shows.
#[derive(Debug)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    name: &'static str,
    message: String,
    detail: Option<Map<String, Value>>,
    links: Vec<Value>,
    /// Trouble of the simulator itself: what was written is undone.
    trouble: Option<Box<ApiError>>,
}

impl Refusal {
    fn new(status: u16, name: &'static str, message: &str) -> Self {
        Refusal { status, name, message: message.to_owned(), detail: None, links: Vec::new(), trouble: None }
    }

    /// A refusal for one cause.
    pub fn because(issue: Issue) -> Self {
        let Issue { status, code, text } = issue;
        let (name, message) = match status {
            400 => (
                "INVALID_REQUEST",
                "Request is not well-formed, syntactically incorrect, or violates schema.",
            ),
            404 => ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
            409 => ("RESOURCE_CONFLICT", "The server has detected a conflict while processing this request."),
            _ => (
                "UNPROCESSABLE_ENTITY",
                "The requested action could not be performed, semantically incorrect, or failed business validation.",
            ),
        };
        let mut refusal = Self::new(status, name, message);
        let mut detail = Map::new();
        detail.insert("issue".to_owned(), json!(code));
        detail.insert("description".to_owned(), json!(text));
        refusal.detail = Some(detail);
        refusal
    }

    /// As [`Refusal::because`], naming a field of the body by its JSON pointer.
    pub fn about(issue: Issue, field: &str, value: &str) -> Self {
        let mut refusal = Self::because(issue);
        if let Some(detail) = &mut refusal.detail {
            detail.insert("field".to_owned(), json!(field));
            detail.insert("value".to_owned(), json!(value));
            detail.insert("location".to_owned(), json!("body"));
        }
        refusal
    }

    /// A field that is not there.
    pub fn missing(field: &str) -> Self {
        let mut refusal = Self::about(Issue::MISSING_REQUIRED_PARAMETER, field, "");
        if let Some(detail) = &mut refusal.detail {
            detail.remove("value");
        }
        refusal
    }

    /// With a link in the answer, such as where the payer has to go.
    pub fn with_link(mut self, link: Value) -> Self {
        self.links.push(link);
        self
    }

    /// An id, or a path, that is not known.
    pub fn not_found() -> Self {
        Self::because(Issue::INVALID_RESOURCE_ID)
    }

    /// No token, or one that is not known or has expired.
    pub fn unauthorised() -> Self {
        Self::new(
            401,
            "AUTHENTICATION_FAILURE",
            "Authentication failed due to missing authorization header, or invalid authentication credentials.",
        )
    }

    /// A body that is not `application/json`.
    pub fn wrong_media_type() -> Self {
        Self::new(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "The server does not support the request payload's media type.",
        )
    }

    /// The scripted 429.
    pub fn too_many() -> Self {
        Self::new(429, "RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting.")
    }

    /// The scripted 500.
    pub fn scripted() -> Self {
        Self::new(500, "INTERNAL_SERVER_ERROR", "An internal server error occurred.")
    }

    /// Trouble of the simulator itself.
    pub fn internal(message: &str) -> Self {
        ApiError::internal(message).into()
    }

    /// The trouble of the simulator itself, if it is that.
    pub fn into_trouble(self) -> Result<ApiError, Self> {
        match self.trouble {
            Some(trouble) => Ok(*trouble),
            None => Err(self),
        }
    }

    /// One line for the control API and the page.
    pub fn said(&self) -> String {
        let issue = self.detail.as_ref().and_then(|detail| detail["issue"].as_str()).unwrap_or_default();
        format!("{} {issue}: {}", self.name, self.message)
    }

    /// The answer's body.
    pub fn body(&self, debug_id: &str) -> Value {
        let mut body = json!({ "name": self.name, "message": self.message, "debug_id": debug_id });
        if let Some(detail) = &self.detail {
            body["details"] = json!([detail]);
        }
        let issue = self.detail.as_ref().and_then(|detail| detail["issue"].as_str()).unwrap_or_default();
        let about = format!("https://developer.paypal.com/api/rest/reference/orders/v2/errors/#{issue}");
        let mut links = vec![json!({ "href": about, "rel": "information_link", "method": "GET" })];
        links.extend(self.links.iter().cloned());
        body["links"] = json!(links);
        body
    }
}

impl From<ApiError> for Refusal {
    fn from(trouble: ApiError) -> Self {
        let mut refusal = Self::scripted();
        refusal.message.clone_from(&trouble.message);
        refusal.trouble = Some(Box::new(trouble));
        refusal
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        ApiError::from(error).into()
    }
}

/// A fresh `PayPal-Debug-Id`.
pub fn debug_id() -> String {
    ids::random("f", 12).to_ascii_lowercase()
}
