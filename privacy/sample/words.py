"""The texts, pages and devices of the platform. Nothing in them is personal."""

OPT_IN = (
    "I agree to receive texts and calls from this business at the number provided. "
    "Message frequency varies. Message and data rates may apply. "
    "Reply STOP to cancel, HELP for help. Consent is not a condition of purchase."
)
STOPPED = "You are unsubscribed and will receive no further messages."
HELPED = (
    "Help is at support@example.com. Message and data rates may apply. "
    "Reply STOP to cancel."
)
SERVICE = (
    "your request reached us. Is tomorrow morning a good time?",
    "your appointment is on Thursday at ten.",
    "a colleague tried to call you. When may we try again?",
    "your quote is ready. Shall we go through it together?",
)
MARKETING = (
    "this week only: 20 % off a first visit.",
    "refer a friend and both of you save.",
    "our autumn prices are here.",
    "new: pay in three parts without interest.",
)
REPLIES = (
    "Yes please",
    "Tomorrow works, after four",
    "How much would that be?",
    "Not now, maybe next month",
    "Can you send me the details?",
    "ok thanks 👍",
    "Who is this?",
    "Sí, por favor",
)
STRANGERS = ("Wrong number, sorry", "Is this the dentist?", "Hola, ¿quién es?")
TRANSCRIPTS = (
    "Caller asked about prices and opening hours. A quote was promised.",
    "Nobody answered; a message was left.",
    "Caller moved the appointment to next week.",
)
NOTES = (
    "Prefers mornings.",
    "Wants to compare two offers first.",
    "Called twice, no answer.",
    "Speaks Spanish at home.",
)
REASONS = ("Asked for a quote", "No answer", "Bought", "Chose another offer", None)
SUBJECTS = ("Where is my quote?", "Wrong appointment", "Please call me back", "Invoice")
BODIES = (
    "I filled in the form on Monday and have not heard anything.",
    "The text names a time that I did not choose.",
    "The invoice has a line that I do not understand.",
)
NOTIFICATIONS = (
    ("Lead", "A new lead is waiting."),
    ("Sms", "You have an unread reply."),
    ("Call", "You missed a call."),
    ("Billing", "Your balance was refilled."),
)
JOBS = ("Carpenter", "Nurse", "Teacher", "Engineer", "Cook", "Driver")
EMPLOYERS = ("Northwind Example", "Blue Door Example", "Self-employed", "City Example")
CAMPAIGNS = ("spring", "autumn", "referral", "brand")
ENGINES = ("search", "social", "newsletter", "partner")
PAGES = ("quote", "prices", "contact", "about", "thanks")
KINDS = ("page_view", "page_view", "page_view", "form_start", "form_submit")
REFERRERS = ("https://search.example.com/", "https://social.example.org/", None)
AGENTS = (
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1", "iOS 18.1"),
    ("Mozilla/5.0 (Linux; Android 15) Chrome/131.0 Mobile", "Android 15"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/133.0", "Windows 11"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/131.0", "macOS 15.1"),
)
CARRIERS = ("Example Wireless", "Example Mobile", "Example Telecom", None)
TAGS = ("hot", "callback", "vip", "price-sensitive", "spanish", "second-quote")
VERTICALS = ("Solar", "Roofing", "Dental", "Insurance", "Moving", "Gardens")
PLACES = ("Harbor", "Cedar", "Juniper", "Summit", "Prairie", "Lakeside", "Canyon")
