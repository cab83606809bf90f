"""The staff's house. Its first page is the promise board and the day's work."""

from django.contrib import admin


class PortalSite(admin.AdminSite):
    site_header = "Privacy portal"
    site_title = "Privacy portal"
    index_title = "Promises and today's work"
    enable_nav_sidebar = False
