//! Bodies of Stripe's v1 API: `application/x-www-form-urlencoded` with brackets for nesting
//! (docs.stripe.com/api, "Introduction").

/// A form under construction; the order of the fields is the order of the calls.
pub(super) struct Form(url::form_urlencoded::Serializer<'static, String>);

impl Form {
    pub(super) fn new() -> Form {
        Form(url::form_urlencoded::Serializer::new(String::new()))
    }

    pub(super) fn set(mut self, name: &str, value: &str) -> Form {
        self.0.append_pair(name, value);
        self
    }

    pub(super) fn set_some(self, name: &str, value: Option<&str>) -> Form {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Stripe copies metadata nowhere by itself: each object needs its own.
    pub(super) fn metadata(self, prefix: Option<&str>, pairs: &[(&str, &str)]) -> Form {
        pairs.iter().fold(self, |form, (key, value)| match prefix {
            Some(prefix) => form.set(&format!("{prefix}[metadata][{key}]"), value),
            None => form.set(&format!("metadata[{key}]"), value),
        })
    }

    pub(super) fn finish(mut self) -> String {
        self.0.finish()
    }
}

/// One segment of a path. Ids come from the provider, so they are escaped rather than trusted.
pub(super) fn segment(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
        .replace("..", "%2E.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_fields_are_escaped() {
        let body = Form::new()
            .set("line_items[0][quantity]", "1")
            .set_some("customer_email", None)
            .metadata(Some("payment_intent_data"), &[("attempt", "a&b")])
            .finish();
        assert_eq!(
            body,
            "line_items%5B0%5D%5Bquantity%5D=1&payment_intent_data%5Bmetadata%5D%5Battempt%5D=a%26b"
        );
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_the_path() {
        assert_eq!(segment("cs_test_a1B2"), "cs_test_a1B2");
        assert_eq!(segment("../refunds?x=1 #"), "%2E.%2Frefunds%3Fx%3D1%20%23");
    }
}
