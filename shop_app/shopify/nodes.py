"""What GraphQL nodes say, from pages, by number and out of bulk files alike: facts and the catalogue."""

from shop_app.shopify.customer_nodes import customers_to_facts
from shop_app.shopify.order_nodes import orders_to_facts
from shop_app.shopify.product_nodes import collections_to_catalogue, products_to_catalogue

__all__ = ["collections_to_catalogue", "customers_to_facts", "orders_to_facts", "products_to_catalogue"]
