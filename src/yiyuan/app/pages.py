"""The pages that need no console: the documentation and the status page."""

from collections.abc import Callable

from yiyuan.api.status_page import StatusPages
from yiyuan.documentation.content.facts import offered
from yiyuan.documentation.site import Documentation
from yiyuan.routing.catalog import Catalog
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.site.settings import SiteSettings
from yiyuan.services.site.status import StatusBoard


def documentation_of(
    context: ServiceContext, catalog: Callable[[], Catalog], site: Callable[[], SiteSettings]
) -> Documentation:
    """The documentation of the catalog and the settings in force."""
    return Documentation(
        catalog,
        api_url=context.settings.api_url,
        public_url=context.settings.public_url,
        nextchat_url=lambda: site().nextchat_url,
        has_status=lambda: site().status_page != "off",
        default_language=context.settings.language,
    )


def status_pages_of(
    context: ServiceContext, catalog: Callable[[], Catalog], site: Callable[[], SiteSettings]
) -> StatusPages:
    """The status page of the models on offer."""
    return StatusPages(context, StatusBoard(context, lambda: offered(catalog())), site)
