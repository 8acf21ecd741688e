"""The plays for customers who are doing well or beginning to: keep them, and help them buy again."""

from shop_app.segments.plays import Exclusion, Play, Step

SPARED = (
    *(Exclusion("no-consent"), Exclusion("left-alone"), Exclusion("holdout")),
    *(Exclusion("recent-refund", 14), Exclusion("recent-complaint", 14), Exclusion("bad-experience", 30)),
    Exclusion("over-mailed", 7),
)
SPARED_WHO_ORDERED = (*SPARED, Exclusion("just-ordered", 14))
SPARED_FROM_OFFERS = (*SPARED_WHO_ORDERED, Exclusion("pays-full-price"))

NO_DISCOUNT = "No discounts: they buy at full price, and an offer would teach them to wait for the next one."
NOT_AFTER_TROUBLE = "Sell nothing to somebody whose refund or complaint is not settled: put that right first."
NOT_TOO_OFTEN = "Do not write more often because somebody buys often."

CHAMPIONS = Play(
    slug="champions",
    name="Champions",
    purpose="Keep your best customers, and let them speak for you.",
    message="Thank them, let them see new products and sales before all others, and ask for a recommendation.",
    steps=(
        Step(0, "message", "A thank-you without anything to buy in it."),
        Step(14, "message", "Early access to new products, or a set that only they can buy."),
        Step(45, "message", "Ask for a review or a recommendation."),
    ),
    offer="never",
    max_depth_ratio=0.0,
    offer_ends_days=None,
    channels=("email", "personal"),
    pause_days=10,
    most_messages_30d=3,
    kpi="recommended-90d",
    exclusions=SPARED,
    not_to_do=(NO_DISCOUNT, NOT_AFTER_TROUBLE, "Do not put them into mailings meant for everybody."),
)
VIP = Play(
    slug="vip",
    name="VIP",
    purpose="Keep the few who bring the most, one by one.",
    message="Write as to somebody you know: exclusive products, first access, a direct way to reach you.",
    steps=(
        Step(0, "message", "A personal thank-you, with a name and a way to answer."),
        Step(21, "message", "An exclusive product or set, before all others."),
        Step(60, "message", "Ask what they would like to find in the shop."),
    ),
    offer="never",
    max_depth_ratio=0.0,
    offer_ends_days=None,
    channels=("personal", "email"),
    pause_days=14,
    most_messages_30d=2,
    kpi="kept-90d",
    exclusions=SPARED,
    not_to_do=(NO_DISCOUNT, NOT_AFTER_TROUBLE, "Do not leave an answer of theirs to a form letter."),
)
LOYAL = Play(
    slug="loyal",
    name="Loyal",
    purpose="A few more orders a year, without giving margin away.",
    message="Offer a loyalty programme, a subscription for what they reorder, or a reward for a referral.",
    steps=(
        Step(0, "message", "Invite them to the loyalty programme, or to subscribe to what they reorder."),
        Step(21, "message", "What goes well with what they own."),
        Step(45, "message", "A reward for a friend who orders, in points or goods."),
    ),
    offer="never",
    max_depth_ratio=0.0,
    offer_ends_days=None,
    channels=("email", "push"),
    pause_days=7,
    most_messages_30d=4,
    kpi="kept-90d",
    exclusions=SPARED,
    not_to_do=("No discounts on what they reorder anyway: points or a gift cost less.", NOT_AFTER_TROUBLE),
)
RISING_STARS = Play(
    slug="rising-stars",
    name="Rising stars",
    purpose="Help those who buy more and more often to become regulars.",
    message="Suggest the third product of the line they have begun, as a set with what they own.",
    steps=(
        Step(0, "message", "What completes the line they have begun, with what buyers say of it."),
        Step(14, "offer", "The third product of the line as a set, a little below the single prices."),
        Step(30, "message", "Early news of the next product of the line."),
    ),
    offer="standing",
    max_depth_ratio=0.10,
    offer_ends_days=14,
    channels=("email", "push"),
    pause_days=7,
    most_messages_30d=4,
    kpi="next-order-60d",
    exclusions=SPARED_FROM_OFFERS,
    not_to_do=("No discount on single products: the set is the reason, not the price.", NOT_AFTER_TROUBLE),
)
NEW = Play(
    slug="new",
    name="New",
    purpose="Make the first order a good one, and the second an easy one.",
    message="Welcome them in the category they came for: how to use it, what others say, what goes with it.",
    steps=(
        Step(0, "message", "A welcome, and how to get the most from what they bought."),
        Step(7, "message", "Reviews and pictures from other buyers of the category."),
        Step(21, "message", "Three products that go with the first one."),
    ),
    offer="never",
    max_depth_ratio=0.0,
    offer_ends_days=None,
    channels=("email",),
    pause_days=5,
    most_messages_30d=4,
    kpi="second-order-60d",
    exclusions=SPARED,
    not_to_do=("No discount before the first parcel has arrived.", NOT_AFTER_TROUBLE),
)
POTENTIAL_LOYALIST = Play(
    slug="potential-loyalist",
    name="Potential loyalist",
    purpose="Turn the first few orders into a habit.",
    message="Best sellers and new arrivals of their category, with what buyers say, from the first mail on.",
    steps=(
        Step(0, "message", "Best sellers of their category, with reviews."),
        Step(14, "message", "What goes with what they own, chosen from what similar customers bought."),
        Step(30, "message", "What the loyalty programme or a subscription would bring them."),
    ),
    offer="never",
    max_depth_ratio=0.0,
    offer_ends_days=None,
    channels=("email", "push"),
    pause_days=7,
    most_messages_30d=4,
    kpi="next-order-60d",
    exclusions=SPARED_WHO_ORDERED,
    not_to_do=("No discount while they come back by themselves.", NOT_AFTER_TROUBLE),
)
BIG_SPENDERS = Play(
    slug="big-spenders",
    name="Big spenders",
    purpose="One more large order a year from those who order seldom and spend much.",
    message="Remind them when what they bought runs out, offer a subscription, and show what completes it.",
    steps=(
        Step(0, "message", "What completes their last order."),
        Step(30, "message", "A reminder when it is about to run out, or the offer to subscribe to it."),
        Step(90, "message", "New products of the same quality."),
    ),
    offer="never",
    max_depth_ratio=0.0,
    offer_ends_days=None,
    channels=("email", "personal"),
    pause_days=21,
    most_messages_30d=2,
    kpi="order-value-60d",
    exclusions=SPARED_WHO_ORDERED,
    not_to_do=("No discount: on a large order it costs the most and decides the least.", NOT_TOO_OFTEN),
)
HIGH_VALUE_ACTIVE = Play(
    slug="high-value-active",
    name="High-value active",
    purpose="Keep those who are buying well right now, and widen what they buy.",
    message="Early access to new products, and the next category that fits what they own.",
    steps=(
        Step(0, "message", "Early access to new products of their category."),
        Step(21, "message", "A neighbouring category, with the best sellers in it."),
    ),
    offer="never",
    max_depth_ratio=0.0,
    offer_ends_days=None,
    channels=("email", "push"),
    pause_days=10,
    most_messages_30d=3,
    kpi="kept-90d",
    exclusions=SPARED_WHO_ORDERED,
    not_to_do=(NO_DISCOUNT, NOT_AFTER_TROUBLE),
)
HABIT_BUYERS = Play(
    slug="habit-buyers",
    name="Habit buyers",
    purpose="Make it easier still for those who reorder the same things by themselves.",
    message="A reminder shortly before the usual day of the next order, and the offer to subscribe.",
    steps=(
        Step(0, "message", "A reminder shortly before the usual time of the next order, with the last basket."),
        Step(30, "message", "How a subscription would save them the reordering."),
    ),
    offer="never",
    max_depth_ratio=0.0,
    offer_ends_days=None,
    channels=("email", "push"),
    pause_days=14,
    most_messages_30d=2,
    kpi="kept-90d",
    exclusions=SPARED_WHO_ORDERED,
    not_to_do=("No discount on what they buy out of habit.", NOT_TOO_OFTEN),
)
MEMBERS = Play(
    slug="members",
    name="Members",
    purpose="Show members what their membership is worth.",
    message="Their points, what they can have for them, and what is for members alone.",
    steps=(
        Step(0, "message", "How many points they have, and three things to have for them."),
        Step(30, "message", "A product or an evening that is for members alone."),
    ),
    offer="never",
    max_depth_ratio=0.0,
    offer_ends_days=None,
    channels=("email", "push"),
    pause_days=10,
    most_messages_30d=3,
    kpi="kept-90d",
    exclusions=SPARED_WHO_ORDERED,
    not_to_do=("No discount on top of the points: they would be paid twice.", NOT_AFTER_TROUBLE),
)
PRIME_LIKE = Play(
    slug="prime-like",
    name="Prime-like",
    purpose="Win those for the loyalty programme who already behave like its members.",
    message="What membership would have brought them on the orders of the past year.",
    steps=(
        Step(0, "message", "What they would have earned as members, in figures."),
        Step(14, "message", "What members alone can buy, and how to join."),
    ),
    offer="never",
    max_depth_ratio=0.0,
    offer_ends_days=None,
    channels=("email", "onsite"),
    pause_days=10,
    most_messages_30d=3,
    kpi="joined-60d",
    exclusions=SPARED,
    not_to_do=("No discount for joining: who joins for it leaves after it.", NOT_AFTER_TROUBLE),
)
ACTIVE = Play(
    slug="active",
    name="Active",
    purpose="The next order a little sooner, or a little larger.",
    message="Show what goes well with what they own.",
    steps=(
        Step(0, "message", "What goes well with their last order."),
        Step(21, "message", "New arrivals of their category, with what buyers say."),
    ),
    offer="never",
    max_depth_ratio=0.0,
    offer_ends_days=None,
    channels=("email",),
    pause_days=7,
    most_messages_30d=4,
    kpi="next-order-60d",
    exclusions=SPARED_WHO_ORDERED,
    not_to_do=("No discount while they come back by themselves.", NOT_AFTER_TROUBLE),
)
PROMISING = Play(
    slug="promising",
    name="Promising",
    purpose="A reason for the second order.",
    message="Best sellers of the category they liked, with reviews and pictures from other buyers.",
    steps=(
        Step(0, "message", "Best sellers of the category they liked, with reviews."),
        Step(21, "offer", "A small offer on one of them, for those at risk of staying away."),
    ),
    offer="by-risk",
    max_depth_ratio=0.10,
    offer_ends_days=14,
    channels=("email",),
    pause_days=7,
    most_messages_30d=3,
    kpi="second-order-60d",
    exclusions=SPARED_FROM_OFFERS,
    not_to_do=("No offer in the first mail: the products come first.", NOT_AFTER_TROUBLE),
)

PLAYS = (
    *(CHAMPIONS, VIP, LOYAL, RISING_STARS, NEW, POTENTIAL_LOYALIST, BIG_SPENDERS, HIGH_VALUE_ACTIVE),
    *(HABIT_BUYERS, MEMBERS, PRIME_LIKE, ACTIVE, PROMISING),
)
