### Campaigns: the office's pages, what readers get, and how they end it.

office-menu-campaigns = Campaigns
campaigns-title = Campaigns
campaigns-lead = Marketing texts for subscribers who agreed to them. One person writes, another one approves. Nothing is sent between 21:00 and 9:00 where the reader is.
campaigns-off = Marketing is switched off: nothing is sent, and nothing can be approved, until it is switched on under Limits.
campaigns-new = New campaign
campaigns-waiting = Wait for a second person
campaigns-sending = Being sent
campaigns-drafts = Drafts
campaigns-over = Over
campaigns-none = None at present.

campaign-edit = Change the draft
campaign-form-lead = Write in at least one language. Readers of another language get the one you choose below.
campaign-name = Name
campaign-name-hint = For the staff; readers do not see it.
campaign-channels = How it is sent
campaign-channels-hint = Each reader gets it once: by text message if they agreed to that, otherwise by e-mail.
campaign-channel-sms = Text message
campaign-channel-email = E-mail
campaign-markets = Markets
campaign-from = First day
campaign-until = Last day
campaign-window = Days
campaign-window-hint = Days in the time zone of the first market. What could not be sent by the end of the last day is not sent.
campaign-promotion = Leads to
campaign-promotion-none = No promotion
campaign-sms = Text message
campaign-sms-hint = At most { $most } characters. The operator’s name before it and how to end such messages are added.
campaign-subject = Subject of the e-mail
campaign-body = E-mail
campaign-body-hint = At most { $most } characters; a new line begins a paragraph. Why readers get it, who sends it and how to end it are added.
campaign-fallback = For readers of another language
campaign-fallback-hint = Who reads a language without a text gets this one.
campaign-preview = Save and look at it
campaign-written-by = Written by
campaign-stopped-by = Stopped by
campaign-about = About it
campaign-reach = Who would get it now
campaign-reach-total = In all
campaign-reach-nobody = Nobody in these markets has agreed on these channels.
campaign-reach-hint = Consent is looked at again when each message is sent. Nobody gets more than { $count } marketing messages in a week.
campaign-parts = { $count ->
    [one] { $characters } characters, one short message.
   *[other] { $characters } characters, { $count } short messages.
}
campaign-alphabet-gsm = In the plain alphabet.
campaign-alphabet-unicode = With characters for which a short message has 70 places only.
campaign-progress = What became of it
campaign-progress-hint = Who waits is waited for until the morning, or until there is room under { $count } marketing messages in a week.
campaign-readers = Readers so far
campaign-message-queued = Waiting
campaign-message-sending = Being handed over
campaign-message-sent = Sent
campaign-message-delivered = Delivered
campaign-message-failed = Failed
campaign-message-unclear = Unclear, not sent again
campaign-message-dead = Given up
campaign-message-withdrawn = Consent withdrawn meanwhile
campaign-message-capped = Had enough that week
campaign-message-lapsed = Too late
campaign-message-stopped = Stopped before
campaign-decide = Your decision
campaign-decide-about = Once you approve, it is sent from the first day on to everybody who agrees then.
campaign-decision-hint = Needed if you decline.
campaign-approve = Approve and send
campaign-decline = Decline
campaign-own-draft = This is your draft. Once you ask for approval, it cannot be changed any more.
campaign-own-asked = You wrote this. A supervisor who did not decides; until then you can take it back.
campaign-ask = Ask for approval
campaign-withdraw = Take it back
campaign-stop = Stop sending
campaign-stop-about = What waits is not sent any more. What is on its way arrives.
campaign-supervisor = A supervisor who did not write it decides.

campaign-state-draft = Draft
campaign-state-asked = Waits for approval
campaign-state-approved = Being sent
campaign-state-declined = Declined
campaign-state-withdrawn = Taken back
campaign-state-stopped = Stopped
campaign-state-done = Sent

office-problem-campaign_unknown = There is no such campaign.
office-problem-campaign_name_missing = Please give it a name.
office-problem-campaign_name_too_long = This name is too long.
office-problem-campaign_no_channel = Please choose how it is sent.
office-problem-campaign_no_market = Please choose a market.
office-problem-campaign_window_wrong = The last day must not be before the first one nor in the past, and at most 62 days may lie between them.
office-problem-campaign_fallback_missing = The language for readers of another language needs a text for each way in which it is sent.
office-problem-campaign_incomplete = This language has a text for one way of sending and none for the other. Please complete it, or leave it empty.
office-problem-campaign_too_long = This text is too long.
office-problem-campaign_link_unknown = The promotion or the market is not there any more.
office-problem-campaign_not_now = Somebody was faster, or this cannot be done any more. Nothing was done.
office-problem-campaign_same_person = You wrote it yourself. Another person must decide.
office-problem-campaign_not_theirs = Only its writer can do that.
office-problem-campaign_not_supervisor = Supervisors decide on campaigns.
office-problem-campaign_note_missing = Please say why.
office-problem-campaign_note_too_long = This is too long: at most 300 characters.
office-problem-campaign_switched_off = Marketing is switched off at present.

office-subject-campaign = Campaign
office-did-campaign_asked = asked to send a campaign
office-did-campaign_approved = approved a campaign
office-did-campaign_declined = declined a campaign
office-did-campaign_withdrawn = took a campaign back
office-did-campaign_stopped = stopped a campaign
office-did-consent_withdrawn = consent was withdrawn from a message

limit-marketing = Marketing messages to one person
limit-per-week = in a week
switch-marketing = Marketing messages
switch-about-marketing = While it is off, no marketing is sent and no campaign can be approved. Codes, receipts and other messages go on.

## What readers get. English text messages must fit the GSM alphabet.

sms-campaign = { $brand }: { $text } Reply STOP to end these texts.
sms-campaign-link = { $brand }: { $text } { $link } Reply STOP to end these texts.
sms-marketing-ended = You will get no more promotions from { $brand } by text message. Messages about your orders still come.
email-campaign-link = See the promotion
email-campaign-stop = End these e-mails
email-campaign-why = You get this e-mail because you agreed in your account to promotions from { $brand } by e-mail.
email-campaign-sender = Sent by { $sender }

## Words that end marketing by text message, as they are compared: large, without spaces.

stop-words = STOP STOPALL UNSUBSCRIBE CANCEL END QUIT

unsubscribe-title = End e-mails with promotions
unsubscribe-ask-email = Press the button and { $brand } sends you no more promotions by e-mail.
unsubscribe-ask-sms = Press the button and { $brand } sends you no more promotions by text message.
unsubscribe-button = End them
unsubscribe-rest = Receipts and messages about the safety of your account still come.
unsubscribe-done-email = { $brand } sends you no more promotions by e-mail.
unsubscribe-done-sms = { $brand } sends you no more promotions by text message.
unsubscribe-done-text = Should you change your mind, you can agree again in your account, and only there.
unsubscribe-unknown = This link cannot be used
unsubscribe-unknown-text = It is incomplete, or the account that it belonged to is gone. You can end promotions in your account too.

consent-said-given = { $how }: agreed on { $date }, { $where }
consent-said-withdrawn = { $how }: not agreed since { $date }, { $where }
consent-where-registration = when registering
consent-where-account = in the account
consent-where-reply = by answering a text message
consent-where-mail = from an e-mail
