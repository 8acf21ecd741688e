"""The words of every named group: what it is called, who is in it, and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """One named group of customers; the slug leaves the house in tags and is never translated."""

    slug: str
    name: str
    description: str
    advice: str


CHAMPIONS = Group(
    "champions",
    "Champions",
    "They bought very recently, buy the most often and spend the most.",
    "Give them early access and a thank-you instead of a discount, and ask them to recommend you.",
)
LOYAL = Group(
    "loyal",
    "Loyal",
    "They buy often and spend well, and their last order was not long ago.",
    "Offer a loyalty programme, a subscription or a referral reward: more orders without giving margin away.",
)
ACTIVE = Group(
    "active",
    "Active",
    "They bought recently and have a few orders of moderate value so far.",
    "Show them what goes well with what they own, so that the next order comes sooner or is a little larger.",
)
NEW = Group(
    "new",
    "New",
    "They bought for the first time, or nearly so, very recently and for little.",
    "Welcome them: how to get the most from what they bought, and what goes with it.",
)
PROMISING = Group(
    "promising",
    "Promising",
    "They bought not long ago, only once or twice, and have spent little yet.",
    "Give them a reason for another order: best sellers of the category they liked, with reviews.",
)
NEEDS_ATTENTION = Group(
    "needs-attention",
    "Needs attention",
    "They have some orders of moderate value, and the last one is beginning to lie in the past.",
    "Write now with new arrivals or restocked favourites, while they still know you well.",
)
AT_RISK = Group(
    "at-risk",
    "At risk",
    "They used to order several times or spend well, but have not been back for a long time.",
    "Remind them gently of new arrivals; if two weeks bring no order, follow with an offer that ends.",
)
PREVIOUSLY_LOYAL = Group(
    "previously-loyal",
    "Previously loyal",
    "They were among your very best customers and have not ordered for a long time.",
    "Write to them personally and ask what changed; winning one of them back is worth a generous offer.",
)
ALMOST_LOST = Group(
    "almost-lost",
    "Almost lost",
    "They ordered rarely or for little, and have been away for some time.",
    "Send one reminder with an offer that ends soon, and spend no more than one order would earn.",
)
DORMANT = Group(
    "dormant",
    "Dormant",
    "They ordered rarely and for little, and that was a long time ago.",
    "Make one last offer with a clear end, then stop regular mailings to protect your sender name.",
)
PROSPECTS = Group(
    "prospects",
    "Prospects",
    "They are known to the shop but have no order that counts.",
    "Introduce the shop with best sellers and what buyers say, and make the first order easy.",
)

LOYAL_CUSTOMERS = Group("loyal", "Loyal customers", LOYAL.description, LOYAL.advice)
POTENTIAL_LOYALIST = Group("potential-loyalist", "Potential loyalist", ACTIVE.description, ACTIVE.advice)
NEED_ATTENTION = Group("need-attention", "Need attention", NEEDS_ATTENTION.description, NEEDS_ATTENTION.advice)
ABOUT_TO_SLEEP = Group("about-to-sleep", "About to sleep", ALMOST_LOST.description, ALMOST_LOST.advice)
CANT_LOSE = Group("cant-lose", "Can't lose them", PREVIOUSLY_LOYAL.description, PREVIOUSLY_LOYAL.advice)
HIBERNATING = Group("hibernating", "Hibernating", DORMANT.description, DORMANT.advice)
LOST = Group(
    "lost",
    "Lost",
    "Their last order lies the furthest back, and they ordered the least of all.",
    "Leave them out of mailings: writing to people who never open harms your sender name.",
)

RECENT = Group(
    "recent",
    "Recent",
    "They bought recently, but have not ordered often yet.",
    NEW.advice,
)
NEEDS_ATTENTION_OF_THREE = Group(
    "needs-attention",
    "Needs attention",
    "Their last order is neither recent nor long past, and they are not regular buyers yet.",
    NEEDS_ATTENTION.advice,
)
INACTIVE = Group("inactive", "Inactive", DORMANT.description, DORMANT.advice)
NO_ORDERS = Group("prospects", "No orders", PROSPECTS.description, PROSPECTS.advice)

REGULARS = Group(
    "regulars",
    "Regulars",
    "They come back again and again, and their last order was not long ago.",
    LOYAL.advice,
)
NEWCOMERS = Group(
    "newcomers",
    "Newcomers",
    "They bought recently, only once or twice, and have spent little yet.",
    NEW.advice,
)
SLIPPING = Group(
    "slipping",
    "Slipping away",
    "They are worth keeping by what they bought before, but the last order is moving into the past.",
    AT_RISK.advice,
)
LAPSED = Group(
    "lapsed",
    "Lapsed",
    "They ordered rarely or for little, and have been away for a while.",
    DORMANT.advice,
)
BEST_CUSTOMERS = Group(
    "best-customers",
    "Best customers",
    "They buy the most often and spend the most, and their last order was not long ago.",
    CHAMPIONS.advice,
)
RECENT_CUSTOMERS = Group(
    "recent-customers",
    "Recent customers",
    "They bought recently and have ordered little or moderately so far.",
    "Welcome them and give them a reason for the next order: products that go with the ones they bought.",
)
DRIFTING_AWAY = Group(
    "drifting-away",
    "Drifting away",
    "They have not ordered for a while, whatever they bought before.",
    AT_RISK.advice,
)
