"""The pages behind mailed links: rendered here, without JavaScript; opening one redeems nothing."""

from gatewright.features.account_pages.routes import router
from gatewright.http.feature import Feature

FEATURE = Feature(name="account_pages", requires=("email_verification",), router=router)
