# sort: yes
echo hi
