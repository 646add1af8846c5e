"""The pages behind mailed links: rendered here, without JavaScript, and nothing is redeemed by opening one."""

from gatewright.features.account_pages.routes import router
from gatewright.http.feature import Feature

FEATURE = Feature(name="account_pages", requires=("email_verification",), router=router)
