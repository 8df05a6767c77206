//! Reads one Fluent file: its entries with the placeholders they take and the other entries they name.

use std::collections::BTreeSet;

use fluent_syntax::ast::{self, CallArguments, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

use crate::finding::{Finding, line_of};
use crate::tree::SourceFile;

/// One message, term or attribute.
#[derive(Debug, Clone)]
pub struct Entry {
    pub key: String,
    pub path: String,
    pub line: usize,
    /// Names of the variables it takes.
    pub placeholders: BTreeSet<String>,
    /// Keys of the messages and terms that it includes.
    pub references: BTreeSet<String>,
}

/// The entries of a file, and what in it is not Fluent.
pub fn read(file: &SourceFile) -> (Vec<Entry>, Vec<Finding>) {
    let (resource, errors) = match parser::parse(file.text.as_str()) {
        Ok(resource) => (resource, Vec::new()),
        Err((resource, errors)) => (resource, errors),
    };
    let finding = |error: parser::ParserError| {
        let what = format!("not valid Fluent ({}), correct it", error.kind);
        Finding::at(&file.path, line_of(&file.text, error.pos.start), what)
    };
    let mut reader = Reader { file, entries: Vec::new() };
    for entry in &resource.body {
        match entry {
            ast::Entry::Message(message) => reader.message(message),
            ast::Entry::Term(term) => reader.term(term),
            ast::Entry::Comment(_)
            | ast::Entry::GroupComment(_)
            | ast::Entry::ResourceComment(_)
            | ast::Entry::Junk { .. } => {}
        }
    }
    (reader.entries, errors.into_iter().map(finding).collect())
}

struct Reader<'a> {
    file: &'a SourceFile,
    entries: Vec<Entry>,
}

impl<'a> Reader<'a> {
    fn message(&mut self, message: &ast::Message<&'a str>) {
        if let Some(value) = &message.value {
            self.entry(message.id.name.to_owned(), message.id.name, value);
        }
        self.attributes(message.id.name, &message.attributes);
    }

    fn term(&mut self, term: &ast::Term<&'a str>) {
        self.entry(format!("-{}", term.id.name), term.id.name, &term.value);
    }

    fn attributes(&mut self, message: &'a str, attributes: &[ast::Attribute<&'a str>]) {
        for attribute in attributes {
            self.entry(format!("{message}.{}", attribute.id.name), attribute.id.name, &attribute.value);
        }
    }

    /// `name` is a slice of the file, so its place tells the line.
    fn entry(&mut self, key: String, name: &'a str, value: &Pattern<&'a str>) {
        let offset = name.as_ptr().addr() - self.file.text.as_ptr().addr();
        let mut entry = Entry {
            key,
            path: self.file.path.clone(),
            line: line_of(&self.file.text, offset),
            placeholders: BTreeSet::new(),
            references: BTreeSet::new(),
        };
        pattern(value, &mut entry);
        self.entries.push(entry);
    }
}

fn pattern(value: &Pattern<&str>, entry: &mut Entry) {
    for element in &value.elements {
        match element {
            PatternElement::TextElement { .. } => {}
            PatternElement::Placeable { expression } => placeable(expression, entry),
        }
    }
}

fn placeable(expression: &Expression<&str>, entry: &mut Entry) {
    match expression {
        Expression::Inline(part) => inline(part, entry),
        Expression::Select { selector, variants } => {
            inline(selector, entry);
            for variant in variants {
                pattern(&variant.value, entry);
            }
        }
    }
}

fn inline(part: &InlineExpression<&str>, entry: &mut Entry) {
    match part {
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        InlineExpression::VariableReference { id } => {
            entry.placeholders.insert(id.name.to_owned());
        }
        InlineExpression::FunctionReference { arguments, .. } => call(arguments, entry),
        InlineExpression::MessageReference { id, .. } => {
            entry.references.insert(id.name.to_owned());
        }
        InlineExpression::TermReference { id, arguments, .. } => {
            entry.references.insert(format!("-{}", id.name));
            if let Some(arguments) = arguments {
                call(arguments, entry);
            }
        }
        InlineExpression::Placeable { expression } => placeable(expression, entry),
    }
}

fn call(arguments: &CallArguments<&str>, entry: &mut Entry) {
    for argument in &arguments.positional {
        inline(argument, entry);
    }
    for argument in &arguments.named {
        inline(&argument.value, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_however_deep() {
        let text = "a = { $count ->\n    [one] { NUMBER($x) }\n   *[other] { -t(case: \"y\") } { { $z } }\n }\n    .label = { b }\n";
        let (entries, errors) = read(&SourceFile::sample("x.ftl", text));
        assert_eq!(errors, []);
        let names: Vec<&str> = entries[0].placeholders.iter().map(String::as_str).collect();
        assert_eq!(names, ["count", "x", "z"]);
        assert!(entries[0].references.contains("-t"));
        assert_eq!((entries[1].key.as_str(), entries[1].line), ("a.label", 5));
        assert!(entries[1].references.contains("b"));
    }
}
