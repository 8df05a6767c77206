//! Campaigns: what staff sees (`office`), what readers get (`message`), and the page behind the link of a mail
//! (`unsubscribe`).

mod message;
mod office;
mod unsubscribe;

pub use message::{CampaignEmail, CampaignSms, MarketingEndedSms};
pub use office::{
    CampaignFields, CampaignRow, LanguageFields, OfficeCampaign, OfficeCampaignForm, OfficeCampaigns,
    Preview, ReachRow, Sayings, SmsPreview,
};
pub use unsubscribe::{Unsubscribe, UnsubscribeState};
