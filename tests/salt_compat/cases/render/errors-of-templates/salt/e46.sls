{% call m() %}{% endcall %}
