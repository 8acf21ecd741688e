"""What merchants and buyers do, as functions over the world; :mod:`sandbox.shopify.merchant` lists them."""
