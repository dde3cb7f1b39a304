{{ unclosed
