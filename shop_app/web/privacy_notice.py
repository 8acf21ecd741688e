"""A notice that a merchant may publish: what happens with the data of those who buy, in plain words."""

CUSTOMER_NOTICE = (
    (
        "We use a program called Kindred, which runs on servers of our own choice, to understand how our "
        "customers buy. It reads the orders you placed with us: when, what, for how much, and what you sent"
        " back. It also reads your name, e-mail address and phone number, so that orders you placed as a "
        "guest and with an account are known to be yours."
    ),
    (
        "From that it puts every customer into a group, such as “loyal” or “has not ordered for a while”. "
        "The group follows from the time since your last order, the number of your orders and what you "
        "spent, and from nothing else: not from your origin, your health, your beliefs or your age. A "
        "person at our shop sees the group and the reason for it."
    ),
    (
        "We use the groups to decide whom we write to and what we offer. They decide nothing that has legal"
        " or similarly serious effects for you: no price, no contract and no delivery depends on a group "
        "alone."
    ),
    (
        "You may ask which group you are in and why, ask for a copy of everything that is held of you, have"
        " it corrected or erased, object to being put into a group, and withdraw your consent to mail at "
        "any time. Write to us, and we answer within a month. You may also complain to the data protection "
        "authority of the place you live in."
    ),
)
"""Own words; no lawyer has seen them. ``docs/privacy.md`` has the same text."""
