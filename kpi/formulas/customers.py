"""Customers over all their contacts, in words."""

from kpi.formulas.shape import Formula, Said

_CUSTOMERS = "customers"


def _customer(key: str, text: Said) -> Formula:
    return Formula(f"customers.{key}", "contacts", _CUSTOMERS, text, left_out="customers", about="other")


def _share(key: str, text: Said, numerator: tuple[str, ...], denominator: tuple[str, ...]) -> Formula:
    return Formula(f"customers.{key}", "ratio", _CUSTOMERS, text, numerator, denominator, "customers", "other")


CUSTOMERS: tuple[Formula, ...] = (
    _customer(
        "arrived",
        (
            "Contacts of customers that are known.",
            "已知客户的联络数。",
            "已知客戶的聯絡數。",
        ),
    ),
    _share(
        "repeat.*",
        (
            "Of the contacts of known customers, the share whose customer was here at most {name} before.",
            "已知客户的联络中，客户在此前 {name} 内来过的比例。",
            "已知客戶的聯絡中，客戶在此前 {name} 內來過的比例。",
        ),
        ("repeat",),
        ("customers.arrived",),
    ),
    _customer(
        "abandoned",
        (
            "Legs that a known customer gave up in the queue.",
            "已知客户在队列中放弃的次数。",
            "已知客戶在佇列中放棄的次數。",
        ),
    ),
    _customer(
        "recovered",
        (
            "Of those given up, the ones whose customer reached an agent within 60 min after that.",
            "放弃后 60 分钟内客户又接通坐席的次数。",
            "放棄後 60 分鐘內客戶又接通專員的次數。",
        ),
    ),
    _customer(
        "lost",
        (
            "Given up, and the customer reached no agent within 60 min after that.",
            "放弃且 60 分钟内未再接通坐席的次数。",
            "放棄且 60 分鐘內未再接通專員的次數。",
        ),
    ),
    _share(
        "lost_rate",
        (
            "Of those given up by known customers, the share that reached no agent within 60 min after that.",
            "已知客户的放弃中，60 分钟内未再接通坐席的比例。",
            "已知客戶的放棄中，60 分鐘內未再接通專員的比例。",
        ),
        ("customers.abandoned", "-customers.recovered"),
        ("customers.abandoned",),
    ),
    _customer(
        "returned",
        (
            "Of those given up, the ones whose customer came again within 7 days, answered or not.",
            "放弃后 7 天内客户再次联络的次数，不论是否接通。",
            "放棄後 7 天內客戶再次聯絡的次數，不論是否接通。",
        ),
    ),
    _share(
        "never_returned",
        (
            (
                "Of those given up by known customers, the share that did not come again; an abandonment has its last "
                "word after 7 days."
            ),
            "已知客户的放弃中，未再联络的比例；满 7 天后才有定论。",
            "已知客戶的放棄中，未再聯絡的比例；滿 7 天後才有定論。",
        ),
        ("customers.abandoned", "-customers.returned"),
        ("customers.abandoned",),
    ),
)
