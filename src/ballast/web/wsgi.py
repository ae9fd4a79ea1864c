"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from ballast.stack import roomy

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ballast.settings")
application = roomy(get_wsgi_application())
