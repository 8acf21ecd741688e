"""What an order's lines say of discounts that come by themselves, and of bundles that they are parts of."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    # Titles; null where nobody said, as of lines that were told before this.
    op.execute("ALTER TABLE line_items ADD COLUMN automatic_discounts text[]")
    op.execute("ALTER TABLE line_items ADD COLUMN bundle_product_id bigint")
