//! The pieces every state machine shares: a closed list of states with their stored words.

/// Declares a state enum with its stored word, the list of all states, and the way back from text.
#[macro_export]
macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$sdoc:meta])* $state:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        pub enum $name { $($(#[$sdoc])* #[serde(rename = $word)] $state),* }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$state),*];

            /// The word that is stored and shown to machines.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$state => $word),* }
            }

            /// The state of a stored word.
            pub fn parse(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$state),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
