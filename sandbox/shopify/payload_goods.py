"""Webhook bodies of products, collections, segments and of the shop's own affairs."""

from sandbox.shopify.payload_values import amount, gid, local, lower
from sandbox.shopify.state import Document
from sandbox.shopify.world import World


def product_body(world: World, shop: Document, product: Document) -> Document:
    """Return a product with all its variants."""
    zone, currency = shop.get("ianaTimezone") or "UTC", shop["currencyCode"]
    variants = world.state.children(shop["myshopifyDomain"], "variant", product["id"])
    updated = local(product.get("updatedAt"), zone)
    return {
        "id": product["id"],
        "admin_graphql_api_id": gid("Product", product["id"]),
        "title": product.get("title"),
        "body_html": product.get("bodyHtml"),
        "handle": product.get("handle"),
        "product_type": product.get("productType") or "",
        "vendor": product.get("vendor"),
        "status": lower(product.get("status")) or "active",
        "tags": ", ".join(product.get("tags") or []),
        "created_at": local(product.get("createdAt"), zone),
        "updated_at": updated,
        "published_at": local(product.get("publishedAt"), zone),
        "published_scope": "global",
        "template_suffix": None,
        "has_variants_that_requires_components": bool(product.get("hasVariantsThatRequiresComponents")),
        "category": None,
        "variants": [_variant(one, zone, currency) for one in variants],
        "variant_gids": [_variant_gid(one, zone) for one in variants],
        "options": [_option(product["id"], one) for one in product.get("options") or []],
        "images": [],
        "image": None,
        "media": [],
    }


def collection_body(world: World, shop: Document, collection: Document) -> Document:
    """Return a collection."""
    del world
    return {
        "id": collection["id"],
        "admin_graphql_api_id": gid("Collection", collection["id"]),
        "handle": collection.get("handle"),
        "title": collection.get("title"),
        "updated_at": local(collection.get("updatedAt"), shop.get("ianaTimezone") or "UTC"),
        "body_html": None,
        "sort_order": "best-selling",
        "published_scope": "global",
    }


def segment_body(world: World, shop: Document, segment: Document) -> Document:
    """Return a saved segment."""
    del world, shop
    return {
        "id": gid("Segment", segment["id"]),
        "name": segment.get("name"),
        "query": segment.get("query"),
        "creation_date": segment.get("creationDate"),
        "last_edit_date": segment.get("lastEditDate"),
    }


def bulk_body(world: World, shop: Document, operation: Document) -> Document:
    """Return the end of a bulk operation, in lower-case words."""
    del world
    zone = shop.get("ianaTimezone") or "UTC"
    return {
        "admin_graphql_api_id": operation.get("gid") or gid("BulkOperation", operation["id"]),
        "completed_at": local(operation.get("completedAt"), zone),
        "created_at": local(operation.get("createdAt"), zone),
        "error_code": lower(operation.get("errorCode")),
        "status": lower(operation.get("status")),
        "type": lower(operation.get("type")) or "query",
    }


def shop_body(world: World, shop: Document, changed: Document) -> Document:
    """Return the shop itself, as ``app/uninstalled`` and ``shop/update`` carry it."""
    del world
    zone = shop.get("ianaTimezone") or "UTC"
    return {
        "id": changed["id"],
        "name": changed.get("name"),
        "email": changed.get("email"),
        "domain": changed.get("myshopifyDomain"),
        "myshopify_domain": changed.get("myshopifyDomain"),
        "country_code": changed.get("countryCode"),
        "currency": changed.get("currencyCode"),
        "iana_timezone": changed.get("ianaTimezone"),
        "plan_name": lower(changed.get("planName")),
        "plan_display_name": changed.get("planName"),
        "shop_owner": "Ann Lee",
        "created_at": local(changed.get("createdAt"), zone),
        "updated_at": local(changed.get("updatedAt"), zone),
    }


def scopes_body(world: World, shop: Document, change: Document) -> Document:
    """Return what the app may do now and what it might before."""
    del world
    return {
        "id": change["id"],
        "previous": change["previous"],
        "current": change["current"],
        "updated_at": local(change["updatedAt"], shop.get("ianaTimezone") or "UTC"),
    }


def _variant(variant: Document, zone: str, currency: str) -> Document:
    chosen = [one.get("value") for one in variant.get("selectedOptions") or []]
    options = dict(zip(("option1", "option2", "option3"), [*chosen, None, None, None], strict=False))
    compared = variant.get("compareAtPrice")
    return {
        "id": variant["id"],
        "admin_graphql_api_id": gid("ProductVariant", variant["id"]),
        "product_id": variant.get("productId"),
        "title": variant.get("title"),
        "sku": variant.get("sku"),
        "price": amount(variant.get("price"), currency),
        "compare_at_price": None if compared is None else amount(compared, currency),
        "position": variant.get("position"),
        "inventory_item_id": variant.get("inventoryItemId"),
        "inventory_quantity": variant.get("inventoryQuantity"),
        "old_inventory_quantity": variant.get("inventoryQuantity"),
        "inventory_policy": lower(variant.get("inventoryPolicy")) or "deny",
        "created_at": local(variant.get("createdAt"), zone),
        "updated_at": local(variant.get("updatedAt"), zone),
        "taxable": True,
        "barcode": None,
        "image_id": None,
        **options,
    }


def _variant_gid(variant: Document, zone: str) -> Document:
    when = local(variant.get("updatedAt"), zone)
    return {"admin_graphql_api_id": gid("ProductVariant", variant["id"]), "updated_at": when}


def _option(product: int, option: Document) -> Document:
    kept = {key: option.get(key) for key in ("id", "name", "position", "values")}
    return {"product_id": product, **kept}
