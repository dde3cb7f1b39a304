x: {'te st.nop': []}
