"""From a design to an app's code: models, schemas, repositories, services, routers and tests, table by table."""
